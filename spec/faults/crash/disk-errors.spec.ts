// A disk that fails at a chosen call: the load ends with an error that says what to do, nothing half is visible, and the next load
// goes on when the disk is well again. SLUICE_CRASHES=all tries every call; without it, a sample.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import type { Receipt } from '../../../lib/core/index.js';
import { files } from '../../../lib/stage/index.js';
import { parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { readRows } from '../../sinks/parquet-file.js';

const pageCount = 6;

describe('a load on a disk that fails', function () {
  this.timeout(process.env['SLUICE_CRASHES'] === 'all' ? 600_000 : 30_000);
  const original = { ...files };
  let folder: string;
  let restore: () => void;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-disk-'));
    restore = () => Object.assign(files, original);
  });
  afterEach(async () => {
    restore();
    await rm(folder, { recursive: true, force: true });
  });

  const load = async (out: string): Promise<Receipt> => {
    const options = { primaryKey: 'id', writeDisposition: 'append', checkpoint: { pages: 2 } } as const;
    return await lastValueFrom(walk(pageCount, () => undefined).pipe(parquet(join(out, 'table.parquet'), options)));
  };

  /** From the given call on, every call that writes fails. Returns how many calls there were. */
  const failFrom = (at: number, code: string): (() => number) => {
    let calls = 0;
    const reach = (): void => {
      calls += 1;
      if (calls > at) throw Object.assign(new Error(`${code}: the disk fails, write`), { code, syscall: 'write' });
    };
    for (const name of ['link', 'mkdir', 'rename', 'truncate'] as const) {
      const call = original[name] as (...args: unknown[]) => Promise<unknown>;
      Object.assign(files, {
        [name]: async (...args: unknown[]) => {
          reach();
          return await call(...args);
        },
      });
    }
    files.open = async (...args) => {
      reach();
      const handle = await original.open(...args);
      for (const name of ['write', 'sync', 'datasync'] as const) {
        const call = handle[name].bind(handle) as (...args: unknown[]) => Promise<unknown>;
        Object.assign(handle, {
          [name]: async (...more: unknown[]) => {
            reach();
            return await call(...more);
          },
        });
      }
      return handle;
    };
    return () => calls;
  };

  for (const [code, advice] of [
    ['ENOSPC', /Make room and run again/],
    ['EROFS', /read-only/],
    ['EMFILE', /ulimit/],
    ['EACCES', /no permission/],
  ] as const) {
    it(`says what to do, keeps what was committed, and goes on afterwards: ${code}`, async () => {
      const calls = failFrom(Number.POSITIVE_INFINITY, code);
      await load(join(folder, 'model'));
      const all = calls();
      restore();
      const expected = [...Array(pageCount).keys()].flatMap(rowsOfPage);
      const step = process.env['SLUICE_CRASHES'] === 'all' ? 1 : 7;
      for (let at = code.length % step; at < all; at += step) {
        const out = join(folder, `${code}-${at}`);
        failFrom(at, code);
        const error = await load(out).then(
          () => undefined,
          (reason: Error) => reason,
        );
        restore();
        // What fails when the table is published and the journal gone is left to the next run.
        if (error === undefined) expect(await readdir(out), `call ${at}`).to.include('table.parquet');
        else {
          expect(error, `call ${at}`).to.have.property('code').that.is.oneOf(['ERR_STAGE_IO', 'ERR_TABLE_WRITE']);
          expect(error.message, `call ${at}`).to.match(advice);
        }
        const receipt = error === undefined ? { published: true, rows: expected.length } : await load(out);
        expect(
          await readRows(
            join(out, 'table.parquet'),
            'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text',
          ),
        ).to.deep.equal(expected);
        expect(receipt, `call ${at}`).to.include({ published: true, rows: expected.length });
        if (error !== undefined) expect(await readdir(out)).to.deep.equal(['table.parquet']);
      }
    });
  }
});
