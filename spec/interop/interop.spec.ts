// Files of every sink and engine, opened by the readers that people use. All must find the same rows: those that the API sent.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { client, pages, type Receipt, run, singlePage } from '../../lib/index.js';
import { select } from '../../operators/index.js';
import { arrow, parquet } from '../../sinks/index.js';
import { body, type Canonical, expectedRows, normalized, types, words } from './canonical.js';
import { typesByApacheArrow, withApacheArrow, withHyparquet } from './javascript.js';
import { javaForSpark, pythonWithReaders } from './python.js';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('read.py', import.meta.url));
const expectedTypes = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, words(type)]));

describe('readers', () => {
  let server: Server;
  let folder: string;
  let python: string;
  const receipts = new Map<string, Receipt>();

  before(async () => {
    python = await pythonWithReaders();
    folder = await mkdtemp(join(tmpdir(), 'sluice-interop-'));
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const { file, sink } of Object.values(sinks)) {
      const source = pages(client({ baseUrl: url }), '/rows', singlePage()).pipe(select('data'));
      // Twice, so that what is read has been through a merge with itself.
      await run(source.pipe(sink(join(folder, file))));
      receipts.set(file, await run(source.pipe(sink(join(folder, file)))));
    }
  });

  after(async () => {
    server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** What a library of Python finds in files: types and rows. */
  async function readWith(library: string, ...files: string[]): Promise<Found[]> {
    const { stdout } = await execute(python, [script, library, ...files.map((file) => join(folder, file))], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  const sinks = {
    'Parquet by DuckDB': { file: 'duckdb.parquet', sink: (file: string) => parquet(file, options) },
    'Parquet by parquetjs': {
      file: 'parquetjs.parquet',
      sink: (file: string) => parquet(file, { ...options, engine: 'parquetjs' }),
    },
    Arrow: { file: 'table.arrow', sink: (file: string) => arrow(file, options) },
  } as const;

  for (const [name, { file }] of Object.entries(sinks)) {
    describe(name, () => {
      it('finds its own rows unchanged when they come again', () => {
        expect(receipts.get(file)).to.include({ total: 5, inserted: 0, updated: 0, unchanged: 5 });
      });

      const libraries = ['pyarrow', 'pandas', 'polars', ...(file.endsWith('.parquet') ? ['duckdb'] : [])];
      for (const library of libraries) {
        it(`is read by ${library}: the same types, rows, NULLs and values`, async () => {
          const [found] = await readWith(library, file);
          agree(found!);
        });
      }

      if (file.endsWith('.parquet')) {
        it('is read by hyparquet: the same rows, NULLs and values', async () => {
          expect(sorted(await withHyparquet(join(folder, file))).map(decimalsAsDoubles)).to.deep.equal(
            expectedRows().map(decimalsAsDoubles),
          );
        });
      } else {
        it('is read by apache-arrow: the same types, rows, NULLs and values', async () => {
          expect(sorted(await withApacheArrow(join(folder, file)))).to.deep.equal(expectedRows());
          expect(await typesByApacheArrow(join(folder, file))).to.include({
            id: 'Int64',
            day: 'Date32<DAY>',
            flag: 'Bool',
            amount: 'Float64',
          });
        });
      }
    });
  }

  // Its start takes longer than all the rest: it starts once.
  it('Spark reads the Parquet of both engines: the same types, rows, NULLs and values', async () => {
    await javaForSpark();
    const files = Object.values(sinks).map(({ file }) => file);
    const found = await readWith('spark', ...files.filter((file) => file.endsWith('.parquet')));
    expect(found).to.have.length(2);
    found.forEach(agree);
  });
});

interface Found {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: Canonical[];
}

function agree({ types: found, rows }: Found): void {
  expect(found).to.deep.equal(expectedTypes);
  expect(sorted(normalized(rows) as Canonical[])).to.deep.equal(expectedRows());
}

const options = { primaryKey: 'id', writeDisposition: 'merge' } as const;

function sorted(rows: readonly Canonical[]): Canonical[] {
  const id = (row: Canonical) => Number(String((row as { id: string }).id).slice(2));
  return [...rows].sort((a, b) => id(a) - id(b));
}

/** hyparquet computes decimals in doubles: what is left of them is 15 digits. */
function decimalsAsDoubles(found: Canonical): Canonical {
  if (typeof found === 'string') return found.startsWith('d:') ? `d:${Number(found.slice(2)).toPrecision(15)}` : found;
  if (Array.isArray(found)) return found.map(decimalsAsDoubles);
  if (found === null) return null;
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, decimalsAsDoubles(value)]));
}
