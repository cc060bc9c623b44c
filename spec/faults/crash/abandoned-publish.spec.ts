// A run that died while it published, and that is not gone on with as it was: its stage was damaged and its source brings less now, or other tables
// are loaded next. What it has left does not stand in the way, and goes.
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from } from 'rxjs';
import type { Row } from '../../../lib/core/index.js';
import { run } from '../../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../../sinks/index.js';
import { pagesOf, query } from '../../sinks/parquet-file.js';
import { tried } from './crash-options.js';
import { recordCalls } from './recording-disk.js';

describe('a run that died while it published, and that is not gone on with as it was', function () {
  this.timeout(240_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-abandoned-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What the first run in a folder leaves that is killed before each of its calls, from when its rows are complete. */
  async function* killed(load: (out: string) => Promise<unknown>) {
    const out = await mkdtemp(join(folder, 'run-'));
    const { trace, moments } = await recordCalls(out, () => load(out), { wanted: () => true });
    const first = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.jsonl'));
    const last = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.done'));
    expect(first).to.be.within(1, last - 1);
    for (const at of tried({ from: first + 1, to: last + 1, sample: 16 })) {
      const image = await mkdtemp(join(folder, 'image-'));
      await moments[at]!.image('killed').write(image);
      yield { image, where: `killed before ${trace[at]} (${at})` };
    }
  }

  const into = (out: string, path: string, rows: readonly Row[], options: ParquetOptions = {}) =>
    from(pagesOf([rows], path)).pipe(parquet(join(out, path), options));

  /** What is in a folder and no reader looks for, but the stage that was set aside. */
  const left = async (out: string): Promise<string[]> => {
    const manifest = await readFile(join(out, '_manifest.json'), 'utf8').catch(() => '{"tables":{}}');
    const tables = JSON.parse(manifest).tables as Record<string, { files: { path: string }[] }>;
    const named = Object.values(tables).flatMap((table) => table.files.map(({ path }) => path));
    const all = await readdir(out, { recursive: true });
    return all.filter(
      (path) =>
        !named.some((each) => each === path || each.startsWith(`${path}/`)) &&
        !/^[^./]*\.(parquet|dead\.jsonl)$|^_manifest\.json$|^\.sluice$|\.damaged(\/|$)/.test(path),
    );
  };

  const ids = async (files: string): Promise<unknown[]> =>
    (await query(`SELECT id::INTEGER AS id FROM read_parquet('${files}') ORDER BY 1`)).map(({ id }) => id);

  const contract = {
    schemaContract: { data_type: 'discard_row' },
    columns: { part: { data_type: 'bigint' } },
  } as const;
  const rows = (first: number): Row[] => [0, 1, 2].map((index) => ({ id: first + index, part: index % 2 }));
  const withLines = (first: number): Row[] => rows(first).map((row) => ({ ...row, lines: [{ id: row['id'] }] }));

  for (const [what, ending, all] of [
    ['directories', '/', '/*.parquet'],
    ['plain files', '.parquet', '.parquet'],
  ] as const) {
    it(`leaves nothing of child tables and dead letters that do not come any more when its stage is damaged: ${what}`, async () => {
      const load = (out: string, coming: Row[]) =>
        run(into(out, `orders${ending}`, coming, { nesting: 'tables', deadLetters: true, ...contract }));
      let anew = 0;
      // With a row that is set aside, and does not come any more either.
      for await (const { image, where } of killed((out) => load(out, [...withLines(0), { id: 99, part: 'none' }]))) {
        const stage = join(image, '.sluice', what === 'directories' ? 'orders' : 'orders.parquet');
        await truncate(join(stage, 't-orders.000001.jsonl'), 0);
        await load(image, rows(0));
        expect(await left(image), where).to.deep.equal([]);
        const lines = await ids(join(image, `orders__lines${all}`)).catch(() => []);
        if (lines.length === 0) anew += 1;
        // The table can be made afterwards.
        await load(image, withLines(10));
        expect(await ids(join(image, `orders${all}`)), where).to.deep.equal([0, 1, 2, 10, 11, 12]);
        expect(await ids(join(image, `orders__lines${all}`)), where).to.deep.equal([...lines, 10, 11, 12]);
      }
      expect(anew).to.be.greaterThan(3);
    });
  }

  it('leaves nothing of a table to one that is loaded without the others next, and is finished afterwards: directories', async () => {
    const options = { nesting: 'tables' } as const;
    const alone = (out: string) => run(into(out, 'a/', withLines(10), options));
    const both = (out: string, first: number) =>
      run([
        into(out, 'a/', withLines(first), options),
        into(out, 'b/', rows(first), { ...options, partitionBy: 'part' }),
      ]);
    for await (const { image, where } of killed((out) => both(out, 0))) {
      await alone(image);
      for (const files of ['a/*.parquet', 'a__lines/*.parquet'])
        expect([[10, 11, 12].join(), [0, 1, 2, 10, 11, 12].join()], where).to.include(
          (await ids(join(image, files))).join(),
        );
      const others = await left(image);
      expect(
        others.filter((path) => path.startsWith('a')),
        where,
      ).to.deep.equal([]);
      // What was complete is published, and the source not asked.
      await both(image, 20);
      expect(await ids(join(image, 'a/*.parquet')), where).to.deep.equal([0, 1, 2, 10, 11, 12]);
      expect(await ids(join(image, 'a__lines/*.parquet')), where).to.deep.equal([0, 1, 2, 10, 11, 12]);
      expect(await ids(join(image, 'b/**/*.parquet')), where).to.deep.equal([0, 1, 2]);
      expect(await left(image), where).to.deep.equal([]);
    }
  });

  it('loses none of what was published when the manifest is lost then, and is cleared when that is restored', async () => {
    const load = (out: string, first: number) =>
      run(into(out, 'a/', withLines(first), { nesting: 'tables', writeDisposition: 'replace' }));
    const base = await mkdtemp(join(folder, 'base-'));
    await load(base, 0);
    const { trace, moments } = await recordCalls(base, () => load(base, 10), { wanted: () => true });
    const image = await mkdtemp(join(folder, 'image-'));
    await moments[trace.indexOf('rename _manifest.json')]!.image('killed').write(image);
    const manifest = await readFile(join(image, '_manifest.json'));
    const published = (await readdir(image, { recursive: true })).filter((path) => path.endsWith('.parquet'));
    await rm(join(image, '_manifest.json'));
    // With the stage, and after a person has removed what was staged.
    for (const isStaged of [true, false]) {
      if (!isStaged) await rm(join(image, '.sluice', 'a'), { recursive: true });
      const error = await load(image, 20).catch((each: unknown) => each);
      expect(error).to.have.property('code', 'ERR_TABLE_PATH');
      expect(await readdir(image, { recursive: true })).to.include.members(published);
    }
    await writeFile(join(image, '_manifest.json'), manifest);
    await load(image, 20);
    expect(await ids(join(image, 'a/*.parquet'))).to.deep.equal([20, 21, 22]);
    expect(await ids(join(image, 'a__lines/*.parquet'))).to.deep.equal([20, 21, 22]);
    expect(await left(image)).to.deep.equal([]);
  });
});
