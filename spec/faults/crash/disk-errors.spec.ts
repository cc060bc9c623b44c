// A disk that fails at a chosen call: the load ends with an error that says what to do, nothing half is visible, and the next load
// goes on when the disk is well again. SLUICE_CRASHES=all tries every call; without it, a sample.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import type { Receipt } from '../../../lib/core/index.js';
import { files } from '../../../lib/stage/index.js';
import { duckdb, parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { failureOf, readRows } from '../../sinks/parquet-file.js';
import { databaseRows } from './database-cases.js';

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

  const options = { primaryKey: 'id', writeDisposition: 'append', checkpoint: { pages: 2 } } as const;
  const columns = 'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text';
  const tables = {
    file: {
      name: 'table.parquet',
      sink: (file: string) => parquet(file, options),
      rows: (file: string) => readRows(file, columns),
    },
    database: {
      name: 'tables.duckdb',
      sink: (file: string) => duckdb(file, { ...options, table: 'rows' }),
      rows: async (file: string) => (await databaseRows(file, ['rows'], columns))[0]!,
    },
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

  for (const [code, advice, kind] of [
    ['ENOSPC', /Make room and run again/, 'file'],
    ['ENOSPC', /Make room and run again/, 'database'],
    ['EROFS', /read-only/, 'file'],
    ['EMFILE', /ulimit/, 'file'],
    ['EACCES', /no permission/, 'file'],
  ] as const) {
    const { name, sink, rows } = tables[kind];
    const load = async (out: string): Promise<Receipt> =>
      await lastValueFrom(walk(pageCount, () => undefined).pipe(sink(join(out, name))));

    it(`says what to do, keeps what was committed, and goes on afterwards: ${code}, ${kind}`, async () => {
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
        if (error === undefined) expect(await readdir(out), `call ${at}`).to.include(name);
        else {
          expect(error, `call ${at}`).to.have.property('code').that.is.oneOf(['ERR_STAGE_IO', 'ERR_TABLE_WRITE']);
          expect(error.message, `call ${at}`).to.match(advice);
        }
        const receipt = error === undefined ? { published: true, rows: expected.length } : await load(out);
        expect(await rows(join(out, name))).to.deep.equal(expected);
        expect(receipt, `call ${at}`).to.include({ published: true, rows: expected.length });
        if (error !== undefined) expect(await readdir(out)).to.deep.equal([name]);
      }
    });
  }

  it('is an error of the disk, not of the path, when it fails as a new database gets its name', async () => {
    const file = join(folder, 'tables.duckdb');
    files.open = async (...args) => {
      const handle = await original.open(...args);
      const sync = async (): Promise<void> => {
        throw Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC', syscall: 'fsync' });
      };
      return args[0] === folder && existsSync(file) ? Object.assign(handle, { sync }) : handle;
    };
    const error = await failureOf(walk(pageCount, () => undefined).pipe(tables.database.sink(file)));
    expect(error).to.have.property('code', 'ERR_TABLE_WRITE');
    expect(error.message).to.match(/Make room and run again/);
  });
});
