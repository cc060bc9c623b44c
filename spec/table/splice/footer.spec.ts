// Footers that are taken apart and put together: positions are moved, everything else is as it was, and what is not understood is refused.
import { copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import { assemble } from '../../../lib/table/splice/assemble.js';
import { commonFields } from '../../../lib/table/splice/compatible.js';
import { encodeFooter, type Footer, readFooter } from '../../../lib/table/splice/footer.js';
import { boundsOf, type Group, placeGroup, placeOffsetIndex, readGroup } from '../../../lib/table/splice/row-group.js';
import { Cursor, copyStruct, Fields, kinds, Output } from '../../../lib/table/splice/thrift.js';
import { failureOf, query } from '../../sinks/parquet-file.js';

const signal = new AbortController().signal;

describe('a footer', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-footer-'));
  });
  beforeEach(async () => {
    file = join(folder, `table-${Math.random()}.parquet`);
    await query(
      `COPY (SELECT i AS id, 'name ' || i % 9 AS name, [i, NULL] AS list, {'a': i, 'b': repeat('long', 99) || i} AS nested
       FROM range(5000) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048, KV_METADATA {k: 'v'})`,
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const decoded = async (path: string): Promise<FileMetaData> =>
    parquetMetadataAsync(await asyncBufferFromFile(path), { geoparquet: false });

  it('is the same, to the byte, when it is taken apart and put together without a move', async () => {
    const footer = await readFooter(file);
    const groups = footer.groups.map((group, ordinal) =>
      placeGroup(group, { shift: 0, attachments: group.attachments, ordinal }),
    );
    const bytes = Buffer.from(encodeFooter(footer.fields, footer.rows, groups));
    expect(bytes.equals((await readFile(file)).subarray(footer.start))).to.equal(true);
  });

  it('lists the pages and the bloom filters of each group', async () => {
    const { groups, rows } = await readFooter(file);
    const other = await decoded(file);
    expect(rows).to.equal(5000);
    groups.forEach((group, index) => {
      const columns = other.row_groups[index]!.columns.map(({ meta_data }) => meta_data!);
      const starts = columns.map((column) => Number(column.dictionary_page_offset ?? column.data_page_offset));
      expect(group.start).to.equal(Math.min(...starts));
      expect(group.end - group.start).to.equal(
        columns.reduce((sum, column) => sum + Number(column.total_compressed_size), 0),
      );
      expect(group.attachments.map(({ offset }) => offset)).to.deep.equal(
        columns.flatMap((column) =>
          column.bloom_filter_offset === undefined ? [] : [Number(column.bloom_filter_offset)],
        ),
      );
    });
  });

  it('has every field of a moved group as it was, but for its positions', async () => {
    const footer = await readFooter(file);
    const target = join(folder, 'moved.parquet');
    const parts = [
      { footer, from: 2, to: 3 },
      { footer, from: 0, to: 1 },
    ];
    await assemble({ parts, fields: footer.fields, destination: target, signal });
    const [before, after] = [await decoded(file), await decoded(target)];
    const still = ({ row_groups }: FileMetaData, list: readonly number[]): unknown =>
      list.map((index) => ({
        ...row_groups[index],
        file_offset: 0,
        columns: row_groups[index]!.columns.map((column) => ({
          ...column,
          meta_data: { ...column.meta_data, data_page_offset: 0, dictionary_page_offset: 0, bloom_filter_offset: 0 },
        })),
      }));
    expect(still(after, [0, 1])).to.deep.equal(still(before, [2, 0]));
    expect(after.schema).to.deep.equal(before.schema);
    expect(after.key_value_metadata).to.deep.equal(before.key_value_metadata);
    const rows = `SELECT sum(hash(t))::VARCHAR AS h, count(*)::INTEGER AS n FROM`;
    const [found] = await query(`${rows} '${target}' t`);
    const [expected] = await query(`${rows} (SELECT * FROM '${file}' WHERE id < 2048 OR id >= 4096) t`);
    expect(found).to.deep.equal(expected);
  });

  it('takes positions beyond 4 GB: DuckDB reads rows that stand there, and they are moved back', async () => {
    const far = 5_000_000_000;
    const footer = await readFooter(file);
    const target = join(folder, 'far.parquet');
    const groups = footer.groups.map((group, ordinal) =>
      placeGroup(group, {
        shift: far,
        attachments: group.attachments.map(({ offset, length }) => ({ offset: offset + far, length })),
        ordinal,
      }),
    );
    const handle = await open(target, 'w');
    const data = (await readFile(file)).subarray(4, footer.start);
    const end = encodeFooter(footer.fields, footer.rows, groups);
    await handle.write(Buffer.from('PAR1'), 0, 4, 0);
    await handle.write(data, 0, data.length, far + 4);
    await handle.write(end, 0, end.length, far + footer.start);
    await handle.close();
    const rows = 'SELECT sum(hash(t))::VARCHAR AS h, count(*)::INTEGER AS n FROM';
    const [expected] = await query(`${rows} '${file}' t`);
    expect(await query(`${rows} '${target}' t`)).to.deep.equal([expected]);
    const found = await readFooter(target);
    expect(found.groups[0]!.start).to.equal(far + 4);
    const back = join(folder, 'back.parquet');
    await assemble({ parts: [{ footer: found, from: 0, to: 3 }], fields: found.fields, destination: back, signal });
    expect((await readFile(back)).equals(await readFile(file))).to.equal(true);
    await rm(target);
  });

  it('tells the bounds of a column of its own name, and of no field within another', async () => {
    const { groups } = await readFooter(file);
    const bounds = groups.map((group) => boundsOf(group, 'id', 8)!);
    const numbers = bounds.map(({ min, max }) =>
      [min, max].map((bytes) => Number(Buffer.from(bytes).readBigInt64LE())),
    );
    expect(numbers).to.deep.equal([
      [0, 2047],
      [2048, 4095],
      [4096, 4999],
    ]);
    const texts = boundsOf(groups[0]!, 'name')!;
    expect([texts.min, texts.max].map((bytes) => Buffer.from(bytes).toString())).to.deep.equal(['name 0', 'name 8']);
    expect(boundsOf(groups[0]!, 'id', 4)).to.equal(undefined);
    expect(boundsOf(groups[0]!, 'a')).to.equal(undefined);
    expect(boundsOf(groups[0]!, 'nothing')).to.equal(undefined);
  });

  it('keeps fields that no version of the format knows yet, in statistics and elsewhere', async () => {
    const { groups } = await readFooter(file);
    const unknown = { id: 1234, kind: kinds.binary, bytes: Uint8Array.of(3, 7, 7, 7) };
    const wider = changeStatistics(groups[0]!, (fields) => fields.raw(unknown.id, unknown.kind, unknown.bytes));
    const group = readGroup(wider, 1e9);
    const placed = placeGroup(group, { shift: 1e6, attachments: group.attachments, ordinal: 0 });
    expect(Buffer.from(placed).includes(Buffer.from([3, 7, 7, 7]))).to.equal(true);
    const again = readGroup(placed, 1e9);
    expect(again.start).to.equal(group.start + 1e6);
  });

  it('refuses a field that may be a position which it does not know', async () => {
    const { groups } = await readFooter(file);
    const output = new Output();
    const fields = new Fields(output);
    const cursor = new Cursor(groups[0]!.bytes);
    cursor.struct((id, kind) => fields.raw(id, kind, cursor.skip(kind)));
    fields.integer(8, kinds.i64, 4711);
    fields.end();
    expect(() => readGroup(output.bytes, 1e9)).to.throw(/a row group has a field that is not known \(8\)/);
  });

  it('moves the pages of an offset index', () => {
    const index = new Output();
    const fields = new Fields(index);
    fields.header(1, kinds.list);
    index.list(2, kinds.struct);
    for (const [offset, size, row] of [
      [1000, 50, 0],
      [4_294_967_200, 60, 70_000],
    ]) {
      const location = new Fields(index);
      location.integer(1, kinds.i64, offset!);
      location.integer(2, kinds.i32, size!);
      location.integer(3, kinds.i64, row!);
      location.end();
    }
    fields.end();
    const moved: number[][] = [];
    const cursor = new Cursor(placeOffsetIndex(index.bytes, 1000));
    cursor.struct(() => {
      const { size } = cursor.list();
      for (let page = 0; page < size; page += 1) {
        const list: number[] = [];
        cursor.struct(() => void list.push(cursor.integer()));
        moved.push(list);
      }
    });
    expect(moved).to.deep.equal([
      [2000, 50, 0],
      [4_294_968_200, 60, 70_000],
    ]);
  });

  it('is refused when it is cut, encrypted, or of no Parquet file; whatever byte is wrong, it ends in an answer', async () => {
    const bytes = await readFile(file);
    const { start } = await readFooter(file);
    const broken = join(folder, 'broken.parquet');
    const refusal = async (content: Buffer): Promise<Error> => {
      await writeFile(broken, content);
      return failureOf(readFooter(broken));
    };
    expect((await refusal(bytes.subarray(0, bytes.length - 3))).name).to.equal('NotSpliceable');
    expect((await refusal(Buffer.from('PAR1'))).message).to.match(/too short/);
    const encrypted = Buffer.from(bytes);
    encrypted.write('PARE', bytes.length - 4);
    expect((await refusal(encrypted)).message).to.match(/encrypted/);
    const long = Buffer.from(bytes);
    long.writeUInt32LE(0xfffffff0, bytes.length - 8);
    expect((await refusal(long)).message).to.match(/length of its footer/);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - start - 9), fc.nat(255), async (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[start + at] = value;
        await writeFile(broken, damaged);
        const outcome = await readFooter(broken).then(
          () => 'read',
          (error: Error) => error.name,
        );
        expect(outcome).to.be.oneOf(['read', 'NotSpliceable']);
      }),
      { numRuns: 300 },
    );
  });

  it('of another program is taken together with ours when the columns are stored alike', async () => {
    const alike = async (sql: string): Promise<Footer> => {
      const path = join(folder, `other-${Math.random()}.parquet`);
      await query(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
      return readFooter(path);
    };
    const one = await alike("SELECT 1::BIGINT AS id, 'x' AS name");
    const fields = await commonFields(one, await alike("SELECT 2::BIGINT AS id, 'y' AS name"));
    expect(fields.map(({ id }) => id)).to.deep.equal([1, 2, 6, 7]);
    for (const sql of [
      "SELECT 2::INTEGER AS id, 'y' AS name",
      'SELECT 2::BIGINT AS id',
      "SELECT 2::BIGINT AS id, 'y'::BLOB AS name",
    ]) {
      const error = await failureOf(commonFields(one, await alike(sql)));
      expect(error.message).to.match(/stored in another way/);
    }
  });

  it('goes on with the start of the published file, which some file systems share and others copy', async () => {
    const footer = await readFooter(file);
    const target = join(folder, 'start.parquet');
    await copyFile(file, target);
    await truncate(target, 10);
    await assemble({ parts: [{ footer, from: 0, to: 3 }], fields: footer.fields, destination: target, signal });
    expect((await readFile(target)).equals(await readFile(file))).to.equal(true);
    expect((await stat(target)).size).to.equal((await stat(file)).size);
  });

  it('is not written when the run is interrupted', async () => {
    const footer = await readFooter(file);
    const parts = [{ footer, from: 1, to: 3 }];
    const aborted = {
      parts,
      fields: footer.fields,
      destination: join(folder, 'aborted.parquet'),
      signal: AbortSignal.abort(),
    };
    expect(await failureOf(assemble(aborted))).to.include({ code: 'ERR_ABORTED' });
  });
});

/** A row group whose first column has more in its statistics. */
function changeStatistics(group: Group, add: (fields: Fields) => void): Uint8Array {
  const cursor = new Cursor(group.bytes);
  const output = new Output();
  copyStruct(cursor, output, {
    1: (fields, kind, id) => {
      fields.header(id, kind);
      const { size, kind: item } = cursor.list();
      output.list(size, item);
      for (let column = 0; column < size; column += 1) copyStruct(cursor, output, { 3: meta(column) });
    },
  });
  return output.bytes;

  function meta(column: number) {
    return (fields: Fields, kind: number, id: number): void => {
      fields.header(id, kind);
      copyStruct(cursor, output, column === 0 ? { 12: statistics } : {});
    };
  }

  function statistics(fields: Fields, kind: number, id: number): void {
    fields.header(id, kind);
    const inner = new Fields(output);
    cursor.struct((field, of) => inner.raw(field, of, cursor.skip(of)));
    add(inner);
    inner.end();
  }
}
