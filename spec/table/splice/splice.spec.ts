// Merges and appends into a file of many row groups: what does not change is copied to the byte, and the rows are those that the model says.
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Row } from '../../../lib/core/index.js';
import { type Footer, readFooter } from '../../../lib/table/splice/footer.js';
import { load, query, readRows } from '../../sinks/parquet-file.js';

const seed = process.env['SPLICE_SEED'] === undefined ? {} : { seed: Number(process.env['SPLICE_SEED']) };
const numRuns = Number(process.env['SPLICE_RUNS'] ?? 12);
const full = 2048;
const merge = { primaryKey: 'id', writeDisposition: 'merge', rowGroupRows: full } as const;
const append = { rowGroupRows: full } as const;

/** The bytes of each row group's pages. */
async function groupsOf({ file, groups }: Footer): Promise<Buffer[]> {
  const handle = await open(file, 'r');
  try {
    const list = [];
    for (const { start, end } of groups) {
      const buffer = Buffer.alloc(end - start);
      await handle.read(buffer, 0, buffer.length, start);
      list.push(buffer);
    }
    return list;
  } finally {
    await handle.close();
  }
}

/** How many of the row groups of a file are in another one, too. */
function shared(before: readonly Buffer[], after: readonly Buffer[]): number {
  return before.filter((group) => after.some((other) => other.equals(group))).length;
}

function row(id: number, revision = 0): Row {
  return {
    id,
    name: `number ${id % 50}`,
    amount: id * 1.25 + revision,
    tags: id % 7 === 0 ? null : [`t${id % 3}`, `r${revision}`],
    owner: { id: id % 11, note: revision === 0 ? null : `änderung ${revision}` },
    at: new Date(1_600_000_000_000 + id * 1000).toISOString(),
  };
}

function rows(from: number, to: number, revision = 0): Row[] {
  return Array.from({ length: to - from }, (_, index) => row(from + index, revision));
}

describe('a splice', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-splice-'));
  });
  beforeEach(() => {
    file = join(folder, `table-${Math.random()}.parquet`);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const ids = async (): Promise<number[]> => (await readRows(file, 'id::INTEGER AS id')).map(({ id }) => Number(id));

  it('copies the row groups in which nothing changes, to the byte, and puts the changed rows last', async () => {
    await load(file, [rows(0, 20_000)], merge);
    const before = await groupsOf(await readFooter(file));
    const receipt = await load(file, [[row(19_999, 1), row(19_998, 1), row(20_000)]], merge);
    expect(receipt).to.include({ total: 20_001, updated: 2, inserted: 1, unchanged: 0 });
    const after = await groupsOf(await readFooter(file));
    expect(shared(before, after)).to.equal(before.length - 1);
    expect((await ids()).slice(-4)).to.deep.equal([19_997, 19_999, 19_998, 20_000]);
  });

  it('rebuilds groups in the middle where they are, so that all rows that stay keep their order', async () => {
    await load(file, [rows(0, 20_000)], merge);
    const before = await groupsOf(await readFooter(file));
    await load(file, [[row(5000, 1), row(12_000, 1)]], merge);
    const after = await groupsOf(await readFooter(file));
    expect(shared(before, after)).to.equal(before.length - 2);
    const stay = rows(0, 20_000).map(({ id }) => id);
    expect(await ids()).to.deep.equal([...stay.filter((id) => id !== 5000 && id !== 12_000), 5000, 12_000]);
  });

  it('appends after the old groups', async () => {
    await load(file, [rows(0, 4096)], append);
    const before = await groupsOf(await readFooter(file));
    await load(file, [rows(0, 1500)], append);
    const after = await groupsOf(await readFooter(file));
    expect(after.length).to.equal(3);
    expect(shared(before, after)).to.equal(2);
    expect((await ids()).length).to.equal(5596);
  });

  it('leaves a group out of which nothing stays', async () => {
    await load(file, [rows(0, 20_000)], merge);
    const { groups } = await readFooter(file);
    const second = groups[0]!.rows;
    await load(file, [rows(second, second + groups[1]!.rows, 1)], merge);
    expect((await ids()).slice(second - 1, second + 1)).to.deep.equal([second - 1, second + groups[1]!.rows]);
    expect((await readFooter(file)).rows).to.equal(20_000);
  });

  it('keeps the order of the rows and the size of the groups when a large file is written anew', async () => {
    const count = 400_000;
    await query(
      `COPY (SELECT i AS id, 'row ' || i AS name FROM range(${count}) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`,
    );
    const changed = Array.from({ length: 200 }, (_, index) => ({ id: index * 2000, name: `changed ${index}` }));
    const keys = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    const receipt = await load(file, [changed], { ...keys, memoryLimit: '256MB' });
    expect(receipt).to.include({ total: count, updated: 200 });
    const stay = Array.from({ length: count }, (_, id) => id).filter((id) => id % 2000 !== 0);
    expect(await ids()).to.deep.equal([...stay, ...changed.map(({ id }) => id)]);
    const { groups } = await readFooter(file);
    expect(groups.length).to.be.at.most(22);
  });

  it('begins the new file early only with groups that can have none of the keys', async () => {
    for (const key of ['i', "'key ' || lpad(i::VARCHAR, 9, '0')"]) {
      const path = join(folder, `early-${Math.random()}.parquet`);
      const keyOf = (id: number): unknown => (key === 'i' ? id : `key ${String(id).padStart(9, '0')}`);
      await query(
        `COPY (SELECT ${key} AS id, i AS value FROM range(20000) t(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
      );
      const before = await groupsOf(await readFooter(path));
      const changed = [19_000, 19_001, 7000].map((id) => ({ id: keyOf(id), value: -id }));
      const receipt = await load(path, [changed], merge);
      expect(receipt).to.include({ total: 20_000, updated: 3 });
      const after = await groupsOf(await readFooter(path));
      expect(shared(before, after)).to.equal(before.length - 2);
      expect((await readRows(path, 'sum(value)::INTEGER AS sum'))[0]).to.deep.equal({
        sum: 199_990_000 - 2 * (19_000 + 19_001 + 7000),
      });
    }
  });

  it('writes the file anew when most groups change, or the columns do', async () => {
    await load(file, [rows(0, 10_000)], merge);
    const before = await groupsOf(await readFooter(file));
    await load(file, [[{ ...row(9_999), extra: 1 }]], merge);
    const wider = await groupsOf(await readFooter(file));
    expect(shared(before, wider)).to.equal(0);
    await load(file, [Array.from({ length: 10 }, (_, index) => ({ ...row(index * 1000, 1), extra: 2 }))], merge);
    const after = await groupsOf(await readFooter(file));
    expect(shared(wider, after)).to.equal(0);
    expect(await query(`SELECT count(*)::INTEGER AS n, sum(extra)::INTEGER AS e FROM '${file}'`)).to.deep.equal([
      { n: 10_000, e: 21 },
    ]);
  });

  it('writes the file anew when a text column becomes JSON, which is stored in the same way and spelled in another', async () => {
    await load(file, [rows(0, 10_000)], merge);
    const before = await groupsOf(await readFooter(file));
    await load(file, [[{ ...row(9_999), name: { first: 'a' } }]], merge);
    expect(shared(before, await groupsOf(await readFooter(file)))).to.equal(0);
    const sql = 'SELECT json_valid(name) AS valid, count(*)::INTEGER AS n, min(name) AS low, max(name) AS high';
    expect(await query(`${sql} FROM '${file}' GROUP BY 1`)).to.deep.equal([
      { valid: true, n: 10_000, low: '"number 0"', high: '{"first":"a"}' },
    ]);
  });

  it('keeps the id of the load in the footer, and the statistics that let readers skip groups', async () => {
    await load(file, [rows(0, 20_000)], merge);
    const receipt = await load(file, [[row(20_001)]], merge);
    expect(await readFile(file, 'latin1')).to.include(receipt.loadId);
    const stats = await query(
      `SELECT row_group_id::INTEGER AS g, stats_min_value::INTEGER AS low, stats_max_value::INTEGER AS high, min_is_exact, max_is_exact
       FROM parquet_metadata('${file}') WHERE path_in_schema = 'id' ORDER BY 1`,
    );
    const found = await readRows(file, 'min(id)::INTEGER AS low, max(id)::INTEGER AS high');
    expect(found).to.deep.equal([{ low: 0, high: 20_001 }]);
    expect(stats.every(({ min_is_exact, max_is_exact }) => min_is_exact && max_is_exact)).to.equal(true);
    expect(stats.at(-1)).to.include({ high: 20_001 });
  });

  it('moves the bloom filters along: a value is found in the group that has it, and only there', async () => {
    await load(file, [rows(0, 20_000)], merge);
    await load(file, [[row(3, 1)]], merge);
    const [{ groups }] = (await query(
      `SELECT count(bloom_filter_offset)::INTEGER AS groups FROM parquet_metadata('${file}') WHERE path_in_schema = 'name'`,
    )) as [{ groups: number }];
    expect(groups).to.be.greaterThan(8);
    const probe = (value: string) =>
      query(
        `SELECT count(*)::INTEGER AS n FROM parquet_bloom_probe('${file}', 'name', '${value}') WHERE bloom_filter_excludes`,
      );
    expect(await probe('no such name')).to.deep.equal([{ n: groups }]);
    expect(await probe('number 7')).to.deep.equal([{ n: 0 }]);
  });

  it('does not fall apart: after many small merges there are few groups, and the rows are right', async () => {
    await load(file, [rows(0, 10_000)], merge);
    let end = 10_000;
    for (let turn = 1; turn <= 30; turn += 1) {
      await load(file, [[...rows(end - 100, end, turn), ...rows(end, end + 50, turn)]], merge);
      end += 50;
    }
    const { groups, rows: total } = await readFooter(file);
    expect(total).to.equal(end);
    expect(groups.length).to.be.lessThan((2 * total) / (full / 2));
    expect(new Set(await ids()).size).to.equal(end);
  });

  const change = fc.record({
    kind: fc.constantFrom('merge', 'words', 'append-like', 'nothing'),
    from: fc.nat(12_000),
    length: fc.integer({ min: 1, max: 3000 }),
    step: fc.constantFrom(1, 1, 1, 2, 700),
    group: fc.constantFrom(full, 2 * full),
    compression: fc.constantFrom('zstd', 'snappy', 'uncompressed' as const),
  });
  it('is what the model says, row by row and in order, for DuckDB and hyparquet, after any merges', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const path = join(folder, `model-${Math.random()}.parquet`);
        let model = rows(0, 11_000);
        await load(path, [model], merge);
        let revision = 0;
        for (const { kind, from, length, step, group, compression } of changes) {
          revision += 1;
          const start = kind === 'append-like' ? 11_000 + from : from;
          const list = Array.from({ length: Math.ceil(length / step) }, (_, index) => {
            const id = start + index * step;
            // A change that only a text shows, in every other row.
            if (kind === 'words') return { ...row(id), name: index % 2 === 0 ? `word ${revision}` : row(id)['name'] };
            return row(id, kind === 'nothing' ? 0 : revision);
          });
          await load(path, [list], { ...merge, rowGroupRows: group, compression });
          const known = new Map(model.map((each) => [each['id'], JSON.stringify(each)]));
          const come = list.filter((each) => known.get(each['id']) !== JSON.stringify(each));
          const gone = new Set(come.map(({ id }) => id));
          model = [...model.filter(({ id }) => !gone.has(id)), ...come];
        }
        await expectModel(path, model);
        await rm(path);
      }),
      { numRuns, endOnFailure: true, ...seed },
    );
  }).timeout(120_000 + numRuns * 5000);

  async function expectModel(path: string, model: readonly Row[]): Promise<void> {
    const text = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value));
    const expected = text(
      model.map(({ id, name, amount, owner, tags }) => [id, name, amount, (owner as { note: string }).note, tags]),
    );
    const sql = 'id::INTEGER AS id, name, amount, owner.note AS note, tags';
    same(
      text((await readRows(path, sql)).map(({ id, name, amount, note, tags }) => [id, name, amount, note, tags])),
      expected,
    );
    const objects = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
    same(
      text(objects.map(({ id, name, amount, owner, tags }) => [Number(id), name, amount, owner.note, tags])),
      expected,
    );
  }

  /** As `deep.equal`, which takes minutes to show a difference in so many. */
  function same(found: readonly string[], expected: readonly string[]): void {
    const at = expected.findIndex((value, index) => value !== found[index]);
    expect([at, found[at], found.length]).to.deep.equal([-1, expected[at], expected.length]);
  }
});
