// A table of values that readers stumble over, in every format: each reader finds each value, but for those that limits.json says it cannot
// hold, and of which it finds just what is said there.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { from, lastValueFrom } from 'rxjs';
import type { Receipt } from '../../lib/core/index.js';
import { readFooter } from '../../lib/table/splice/footer.js';
import { arrow, csv, jsonl, parquet } from '../../sinks/index.js';
import { pagesOf } from '../sinks/parquet-file.js';
import { type Canonical, normalized, words } from './canonical.js';
import {
  expectedHostile,
  expectedInCsv,
  expectedInJson,
  hostileDeclarations,
  hostileRows,
  hostileTypes,
} from './hostile.js';
import { withApacheArrow, withHyparquet } from './javascript.js';
import { javaForSpark, pythonWithReaders } from './python.js';

type Rows = readonly Record<string, Canonical>[];

interface Found {
  readonly types?: Readonly<Record<string, string>>;
  readonly rows?: Rows;
  readonly error?: string;
}

/** What a reader makes of values that it cannot hold, by column and row; or the error with which it refuses the file. */
type Limits = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Canonical>>>> | { readonly error: string }>
>;

const execute = promisify(execFile);
const script = fileURLToPath(new URL('read.py', import.meta.url));
const limits = JSON.parse(readFileSync(new URL('limits.json', import.meta.url), 'utf8')) as Limits;
const typeWords = Object.fromEntries(Object.entries(hostileTypes).map(([name, type]) => [name, words(type)]));
const options = { columns: hostileDeclarations, primaryKey: 'id', writeDisposition: 'merge' } as const;

const year = { column: 'at', transform: 'year' } as const;

const sinks = {
  'duckdb.parquet': (file: string) => parquet(file, options),
  'parquetjs.parquet': (file: string) => parquet(file, { ...options, engine: 'parquetjs' }),
  'table.arrow': (file: string) => arrow(file, options),
  'table.arrows': (file: string) => arrow(file, options),
  'dictionary.arrow': (file: string) => arrow(file, { ...options, dictionary: ['text', 'leap'] }),
  'lake/hostile': (file: string) => parquet(file, { ...options, partitionBy: ['leap', year] }),
  'table.csv': (file: string) => csv(file, options),
  'table.jsonl': (file: string) => jsonl(file, options),
} as const;
const parquets = ['duckdb.parquet', 'parquetjs.parquet', 'spliced.parquet'];
const arrows = ['table.arrow', 'table.arrows', 'dictionary.arrow'];
const trees = ['lake/hostile', 'lake/_manifest.json'];
/** The ids of rows that are in a file beside the hostile ones. */
const firstOther = 1000;

describe('hostile values', () => {
  let folder: string;
  let python: string;
  const receipts = new Map<string, Receipt>();

  before(async () => {
    python = await pythonWithReaders();
    folder = await mkdtemp(join(tmpdir(), 'sluice-hostile-'));
    for (const [file, sink] of Object.entries(sinks)) {
      const write = () => lastValueFrom(from(pagesOf([hostileRows])).pipe(sink(join(folder, file))));
      // Twice, so that what is read has been through a merge with itself.
      await write();
      receipts.set(file, await write());
    }
    await splice(join(folder, 'spliced.parquet'));
  });

  /** A file whose first row group, the one with the hostile rows, has been copied by merge after merge. */
  async function splice(path: string): Promise<void> {
    const write = (rows: readonly object[]) =>
      lastValueFrom(from(pagesOf([rows])).pipe(parquet(path, { ...options, rowGroupRows: 2048 })));
    const others = Array.from({ length: 6500 }, (_, index) => ({ id: firstOther + index, int8: index % 100 }));
    await write([...hostileRows, ...others]);
    const hostileGroup = async () => {
      const [group] = (await readFooter(path)).groups;
      return createHash('sha256')
        .update((await readFile(path)).subarray(group!.start, group!.end))
        .digest('hex');
    };
    const before = await hostileGroup();
    for (const merge of [1, 2, 3]) {
      const receipt = await write([6000, 9000 + merge].map((id) => ({ id, int8: -merge })));
      expect(receipt).to.include({ inserted: 1, updated: 1 });
    }
    expect(await hostileGroup()).to.equal(before);
  }

  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  for (const file of Object.keys(sinks)) {
    it(`are found unchanged by the next run: ${file}`, () => {
      const total = hostileRows.length;
      expect(receipts.get(file)).to.include({ total, unchanged: total, inserted: 0, updated: 0 });
    });
  }

  async function readWith(reader: string, files: readonly string[]): Promise<Found[]> {
    const paths = files.map((file) => join(folder, file));
    const env = { ...process.env, TZ: 'UTC' };
    const { stdout } = await execute(python, [script, reader, ...paths], { maxBuffer: 64 * 1024 * 1024, env });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  const typed: Readonly<Record<string, readonly string[]>> = {
    duckdb: [...parquets, ...trees],
    pyarrow: [...parquets, ...arrows, ...trees],
    pandas: [...parquets, ...arrows, ...trees],
    polars: [...parquets, ...arrows, ...trees],
    spark: [...parquets, ...trees],
  };
  for (const [reader, files] of Object.entries(typed)) {
    it(`are read by ${reader}: ${files.join(', ')}`, async () => {
      if (reader === 'spark') await javaForSpark();
      for (const [index, found] of (await readWith(reader, files)).entries()) {
        const { at_year: folders, ...ownTypes } = found.types!;
        expect(folders !== undefined, files[index]).to.equal(trees.includes(files[index]!));
        expect(ownTypes, files[index]).to.deep.equal(typeWords);
        agree(reader, found, expectedHostile);
      }
    });
  }

  const texts: Readonly<Record<string, Rows>> = {
    csv_duckdb: expectedInCsv,
    csv_polars: expectedInCsv,
    csv_pyarrow: expectedInCsv,
    // They know no NULL in CSV: it is the empty text.
    csv_pandas: withoutNull(expectedInCsv),
    csv_python: withoutNull(expectedInCsv),
    jsonl_python: expectedInJson,
    jsonl_polars: expectedInJson,
    jsonl_pandas: expectedInJson,
  };
  for (const [reader, expected] of Object.entries(texts)) {
    it(`are read by ${reader.replace('_', ', by ')}`, async () => {
      const [found] = await readWith(reader, [`table.${reader.split('_')[0]}`]);
      agree(reader, found!, expected);
    });
  }

  for (const file of parquets) {
    it(`are read by hyparquet: ${file}`, async () => {
      agree('hyparquet', { rows: (await withHyparquet(join(folder, file), hostileTypes)) as Rows }, expectedHostile);
    });
  }

  for (const file of arrows) {
    it(`are read by apache-arrow: ${file}`, async () => {
      const rows = (await withApacheArrow(join(folder, file), hostileTypes)) as Rows;
      agree('apache-arrow', { rows }, expectedHostile);
    });
  }

  it('have no limits but those of these readers, each of which proves its own', () => {
    const readers = [...Object.keys(typed), ...Object.keys(texts), 'hyparquet', 'apache-arrow'];
    expect(readers).to.include.members(Object.keys(limits));
  });

  /** A reader's limits are exact: it finds all else, and of these just what is said. */
  function agree(reader: string, found: Found, expected: Rows): void {
    const limit = limits[reader] ?? {};
    if ('error' in limit && typeof limit.error === 'string') {
      expect(found.error).to.include(limit.error);
      return;
    }
    expect(found.error).to.equal(undefined);
    const hostile = found.rows!.filter((row) => Number(String(row['id']).slice(2)) < firstOther);
    expect(differences(hostile, expected)).to.deep.equal(limit);
  }
});

function differences(rows: Rows, expected: Rows): Record<string, Record<string, Canonical>> {
  const id = (row: Record<string, Canonical>) => String(row['id']).slice(2);
  const byId = new Map(rows.map((row) => [id(row), row]));
  expect(rows).to.have.length(expected.length);
  const all: Record<string, Record<string, Canonical>> = {};
  for (const row of expected) {
    const found = byId.get(id(row));
    for (const [column, value] of Object.entries(row)) {
      const is = normalized(found?.[column] ?? null);
      if (JSON.stringify(is) === JSON.stringify(value)) continue;
      all[column] ??= {};
      all[column][id(row)] = is;
    }
  }
  return all;
}

function withoutNull(rows: Rows): Rows {
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? 's:'])));
}
