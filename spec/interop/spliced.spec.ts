// Files of which a merge copied row groups byte for byte: every reader finds their rows, also where it skips by statistics, page indexes and bloom
// filters, which a merge has moved.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetQuery,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readFooter } from '../../lib/table/splice/footer.js';
import { load } from '../sinks/parquet-file.js';
import { javaForSpark, pythonWithReaders } from './python.js';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('probe.py', import.meta.url));
const merge = { primaryKey: 'id', writeDisposition: 'merge', rowGroupRows: 2048 } as const;

interface Found {
  readonly count: number;
  readonly ids: number;
  readonly equal: readonly number[];
  readonly range: readonly number[];
  readonly name: readonly number[];
  readonly last: readonly number[];
}

describe('readers of spliced files', () => {
  let folder: string;
  let python: string;
  const paths = (): string[] => ['own.parquet', 'indexed.parquet'].map((name) => join(folder, name));

  before(async () => {
    python = await pythonWithReaders();
    folder = await mkdtemp(join(tmpdir(), 'sluice-spliced-'));
    const [own, indexed] = paths() as [string, string];
    await load(own, [rows(0, 6144)], merge);
    await execute(python, [script, 'write', indexed]);
    for (const file of [own, indexed]) {
      const before = await readFooter(file);
      // The first group loses a row, so that those after it move; another row comes last.
      const receipt = await load(
        file,
        [
          [
            { ...row(5), name: 'revised' },
            { ...row(6144), name: 'revised' },
          ],
        ],
        merge,
      );
      expect(receipt).to.include({ inserted: 1, updated: 1, total: 6145 });
      const after = await readFooter(file);
      const same = (group: { bytes: Uint8Array; rows: number; end: number; start: number }) => [
        group.rows,
        group.end - group.start,
      ];
      expect(after.groups.slice(1, 3).map(same)).to.deep.equal(before.groups.slice(1, 3).map(same));
      expect(after.groups[1]!.start).not.to.equal(before.groups[1]!.start);
    }
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const expected: Found = {
    count: 6145,
    ids: (6144 * 6145) / 2,
    equal: [4097],
    range: Array.from({ length: 21 }, (_, index) => 2040 + index),
    name: [3000],
    last: [5, 6144],
  };

  async function probe(library: string): Promise<Found[]> {
    const { stdout } = await execute(python, [script, library, ...paths()], { maxBuffer: 16 * 1024 * 1024 });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  const footerOf = async (file: string): Promise<FileMetaData> =>
    parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false });

  it('have bloom filters in the file of ours, and page indexes in the other one', async () => {
    const [own, indexed] = await Promise.all(paths().map(footerOf));
    const names = (footer: FileMetaData) => footer.row_groups.map((group) => group.columns[1]!);
    expect(names(indexed!).map((column) => column.offset_index_length !== undefined)).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
    expect(names(indexed!).map((column) => column.column_index_length !== undefined)).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
    expect(own!.row_groups.length).to.equal(4);
    expect(
      own!.row_groups.some(({ columns }) => columns.some(({ meta_data }) => meta_data!.bloom_filter_length)),
    ).to.equal(true);
  });

  for (const library of ['duckdb', 'pyarrow', 'pandas', 'polars', 'spark']) {
    it(`${library} finds the rows, all of them and some`, async () => {
      if (library === 'spark') await javaForSpark();
      expect(await probe(library)).to.deep.equal([expected, expected]);
    });
  }

  it('hyparquet finds the rows, all of them and some', async () => {
    for (const path of paths()) {
      const file = await asyncBufferFromFile(path);
      const every = await parquetReadObjects({ file, compressors, columns: ['id', 'name'] });
      const ids = (found: Record<string, unknown>[]): number[] =>
        found.map(({ id }) => Number(id)).sort((a, b) => a - b);
      expect(ids(every).length).to.equal(6145);
      const some = async (filter: NonNullable<Parameters<typeof parquetQuery>[0]['filter']>): Promise<number[]> =>
        ids(await parquetQuery({ file, compressors, columns: ['id', 'name'], filter }));
      expect(await some({ id: { $eq: 4097n } })).to.deep.equal(expected.equal);
      expect(await some({ id: { $gte: 2040n, $lte: 2060n } })).to.deep.equal(expected.range);
      expect(await some({ name: { $eq: 'needle' } })).to.deep.equal(expected.name);
      expect(await some({ name: { $eq: 'revised' } })).to.deep.equal(expected.last);
      for (const from of [0, 2047, 4094, 6143]) {
        const [only] = await parquetReadObjects({
          file,
          compressors,
          rowStart: from,
          rowEnd: from + 1,
          useOffsetIndex: true,
        });
        expect(Number(only!['id'])).to.equal(Number(every[from]!['id']));
      }
    }
  });

  function row(id: number): Record<string, unknown> {
    const at = new Date(Date.UTC(2020, 0, 1) + id * 1000).toISOString();
    const name = id === 3000 ? 'needle' : `name ${String(id % 300).padStart(5, '0')}`;
    return { id, name, amount: id % 5 === 0 ? null : id / 4, at };
  }

  function rows(from: number, to: number): Record<string, unknown>[] {
    return Array.from({ length: to - from }, (_, index) => row(from + index));
  }
});
