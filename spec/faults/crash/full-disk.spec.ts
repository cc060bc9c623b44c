// A disk that is full: a small file system in memory, of every size up to one that is large enough. It needs the right to mount one; where
// that is missing, disk-errors.spec.ts lets single calls fail instead.
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, map } from 'rxjs';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { failureOf, readRows } from '../../sinks/parquet-file.js';

const step = process.env['SLUICE_CRASHES'] === 'all' ? 8 : 48;
const pageCount = 40;

function mount(folder: string, kilobytes: number, more = ''): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `${more}size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const canMount = await (async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mount-'));
  const can = mount(folder, 64);
  if (can) execFileSync('umount', [folder]);
  await rm(folder, { recursive: true });
  return can;
})();

if (canMount) {
  describe('a load on a disk that is full', function () {
    this.timeout(600_000);
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-full-'));
    });
    afterEach(async () => {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    });

    const load = (out: string) => {
      // Texts that do not compress, so that the table takes room as well.
      const text = (page: number, index: number) =>
        Array.from({ length: 40 }, (_, at) => Math.imul(page * 41 + index * 17 + at, 2654435761) >>> 0).join('-');
      const rows = walk(pageCount, () => undefined).pipe(
        map((page) => ({
          ...page,
          rows: page.rows.map((row, index) => ({
            id: Number(row['page']) * 7 + index,
            text: text(Number(row['page']), index),
          })),
        })),
      );
      const options = { primaryKey: 'id', writeDisposition: 'merge', checkpoint: { pages: 4 } } as const;
      return lastValueFrom(rows.pipe(parquet(join(out, 'table.parquet'), options)));
    };

    it('says so, keeps the table and what was committed, and goes on when there is room', async () => {
      let failed = 0;
      for (let kilobytes = 16; ; kilobytes += step) {
        expect(mount(folder, kilobytes)).to.equal(true);
        const error = await load(folder).then(
          () => undefined,
          (reason: Error & { code?: string }) => reason,
        );
        if (error === undefined) break;
        failed += 1;
        expect(error.code, error.message).to.be.oneOf(['ERR_STAGE_IO', 'ERR_TABLE_WRITE']);
        expect(error.message, `${kilobytes} kB`).to.match(/Make room and run again/);
        mount(folder, 100_000, 'remount,');
        expect(await load(folder)).to.include({ published: true, total: pageCount * 7 });
        expect(await readRows(join(folder, 'table.parquet'))).to.have.length(pageCount * 7);
        expect(await readdir(folder)).to.deep.equal(['table.parquet']);
        execFileSync('umount', [folder]);
      }
      expect(failed).to.be.greaterThan(1);
    });

    it('says that it is read-only, and goes on when it is not', async () => {
      expect(mount(folder, 20_000)).to.equal(true);
      await load(folder);
      mount(folder, 20_000, 'remount,ro,');
      const error = await failureOf(load(folder));
      mount(folder, 20_000, 'remount,rw,');
      expect(error).to.have.property('code', 'ERR_STAGE_IO');
      expect(error.message).to.match(/EROFS.*The file system is read-only/);
      expect(await load(folder)).to.include({ published: true, total: pageCount * 7 });
    });

    it('says which permission is missing, and calls no table damaged that it may not read', async () => {
      expect(mount(folder, 20_000)).to.equal(true);
      await load(folder);
      const another = async (): Promise<Error & { code?: string }> => {
        process.seteuid!(65_534);
        try {
          return await failureOf(load(folder));
        } finally {
          process.seteuid!(0);
        }
      };
      await chmod(folder, 0o755);
      const unwritable = await another();
      expect(unwritable).to.have.property('code', 'ERR_STAGE_IO');
      expect(unwritable.message).to.match(/EACCES.*no permission there/);
      await chmod(folder, 0o777);
      await chmod(join(folder, 'table.parquet'), 0o600);
      const unreadable = await another();
      expect(unreadable).to.have.property('code', 'ERR_TABLE_PATH');
      expect(unreadable.message).to.match(/EACCES.*no permission there/);
      await chmod(join(folder, 'table.parquet'), 0o666);
      expect(await load(folder)).to.include({ published: true, total: pageCount * 7 });
    });
  });
}
