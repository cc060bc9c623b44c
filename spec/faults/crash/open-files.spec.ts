// A process that may open only a few more files: its load comes to its end, or says what to do, and the next one does.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** Loads with so many files to spare; prints what came of it. */
const program = `
import '@duckdb/node-api';
import { closeSync, openSync } from 'node:fs';
import { from, lastValueFrom } from 'rxjs';
import { duckdb, parquet } from './dist/sinks/index.js';
const [, out, kind, spare] = process.argv;
const pages = Array.from({ length: 4 }, (_, page) => ({
  rows: Array.from({ length: 5 }, (_, index) => ({ id: page * 5 + index })),
  position: { walk: 'walk', page, next: page === 3 ? null : page + 1 },
  bytes: 100,
}));
const merge = { writeDisposition: 'merge', primaryKey: 'id', checkpoint: { pages: 1 } };
const sinks = {
  file: () => parquet(out + '/rows.parquet', merge),
  directory: () => parquet(out + '/rows', { ...merge, layout: 'directory' }),
  database: () => duckdb(out + '/rows.duckdb', { ...merge, table: 'rows' }),
};
const load = () => lastValueFrom(from(pages).pipe(sinks[kind]()));
await load();
const held = [];
try {
  for (;;) held.push(openSync('/dev/null'));
} catch {}
for (let count = 0; count < Number(spare); count += 1) closeSync(held.pop());
const error = await load().then(() => undefined, (reason) => reason);
for (const each of held) closeSync(each);
const { total } = await load();
process.stdout.write(JSON.stringify({ code: error?.code, message: error?.message, total }));
`;

if (process.platform !== 'win32') {
  describe('a process that has too many open files', function () {
    this.timeout(120_000);
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-open-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    for (const kind of ['file', 'directory', 'database']) {
      it(`says so, whatever it is that cannot be opened, and goes on when there are less: ${kind}`, async () => {
        const failed = new Set<string>();
        for (const spare of [0, 1, 2, 3, 4]) {
          const out = await mkdtemp(join(folder, 'out-'));
          const shell = 'ulimit -n 64; exec "$0" --input-type=module -e "$1" "$2" "$3" "$4"';
          const { stdout } = await promisify(execFile)('sh', [
            '-c',
            shell,
            process.execPath,
            program,
            out,
            kind,
            String(spare),
          ]);
          const { code, message, total } = JSON.parse(stdout) as { code?: string; message?: string; total: number };
          if (code !== undefined) {
            failed.add(code);
            expect(code).to.be.oneOf(['ERR_STAGE_IO', 'ERR_TABLE_WRITE', 'ERR_TABLE_PATH']);
            expect(message, `${spare} to spare`).to.match(/too many open files.*Raise the limit \(ulimit -n\)/i);
          }
          expect(total).to.equal(20);
          expect(
            (await readdir(out)).filter((name) => name.startsWith('.')),
            `${spare} to spare`,
          ).to.deep.equal([]);
        }
        expect([...failed]).to.include('ERR_STAGE_IO');
      });
    }
  });
}
