// A run that died after it had put its first table in its place, and whose stage was damaged then: the next one finishes it without asking the
// source, so that no row comes twice and none is lost. SLUICE_CRASHES=all tries every call and every damage; without it, a sample.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from } from 'rxjs';
import type { Row } from '../../../lib/core/index.js';
import { restApi } from '../../../lib/rest-api/index.js';
import { dividedSink, run } from '../../../lib/table/index.js';
import { parquet } from '../../../sinks/index.js';
import { pagesOf, query } from '../../sinks/parquet-file.js';
import { PagedApi } from './paged-api.js';
import { checkpoint, publishCases, Source } from './publish-cases.js';
import { recordCalls } from './recording-disk.js';

const every = process.env['SLUICE_CRASHES'] === 'all';

/** Each damages a file in one way. */
const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5].map((line) => [`a bit of line ${line} flipped`, (file: string) => flip(file, line)]),
  ),
  'cut to nothing': (file) => truncate(file, 0),
  'cut in half': async (file) => truncate(file, (await readFile(file)).length >> 1),
  removed: (file) => rm(file),
};

async function flip(file: string, line: number): Promise<void> {
  const content = await readFile(file);
  const lines = content.toString('latin1').split('\n');
  const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
  const middle = start + ((lines[line]?.length ?? 0) >> 1);
  if (middle >= content.length) return;
  content[middle]! ^= 4;
  await writeFile(file, content);
}

describe('a run that died while it published, and whose stage is damaged', function () {
  this.timeout(every ? 1_200_000 : 120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-damaged-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const { name, load, rows, stage, placed, files } of publishCases) {
    it(`is finished without asking its source: ${name}`, async () => {
      const base = join(folder, 'base');
      await load(base, new Source(1));
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      const { trace, moments } = await recordCalls(whole, () => load(whole, new Source(2)), { wanted: () => true });
      const once = await rows(whole);
      const end = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      const begin = placed === undefined ? end - 2 : trace.indexOf(placed);
      expect(begin).to.be.within(1, end - 1);
      let tried = 0;
      for (let at = begin + 1; at <= end; at += 1) {
        const image = join(folder, `image-${at}`);
        await moments[at]!.image('killed').write(image);
        const staged = (await readdir(join(image, '.sluice', stage))).filter((file) => /\.jsonl$/.test(file));
        for (const file of staged) {
          for (const [kind, damage] of Object.entries(damages)) {
            // That is what the run itself was about to do: its load had come to its end.
            if (at === end && file === 'journal.jsonl' && kind === 'removed') continue;
            tried += 1;
            if (!every && tried % 29 > 0) continue;
            const copy = join(folder, `copy-${tried}`);
            await cp(image, copy, { recursive: true });
            await damage(join(copy, '.sluice', stage, file));
            const source = new Source(3);
            await load(copy, source);
            const where = `${file} ${kind}, stopped before ${trace[at]} (${at})`;
            expect(await rows(copy), where).to.deep.equal(once);
            expect(source.asked, where).to.equal(0);
            expect((await readdir(copy)).filter((each) => each !== '.sluice').sort(), where).to.deep.equal(
              files.filter((each) => each !== '.sluice'),
            );
            await rm(copy, { recursive: true });
          }
        }
      }
    });
  }

  it('is finished by its drafts alone where it is one of an older version, or whose note is gone', async () => {
    const { load, rows, stage, placed } = publishCases.find(({ name }) => name.includes('plain files'))!;
    const base = join(folder, 'base');
    await load(base, new Source(1));
    const { trace, moments } = await recordCalls(base, () => load(base, new Source(2)), { wanted: () => true });
    const once = await rows(base);
    const image = join(folder, 'image');
    await moments[trace.indexOf(placed!) + 1]!.image('killed').write(image);
    const notes = (await readdir(join(image, '.sluice'))).filter((name) => name.endsWith('.placing.json'));
    expect(notes).to.have.lengthOf(1);
    await rm(join(image, '.sluice', notes[0]!));
    const [segment] = (await readdir(join(image, '.sluice', stage))).filter((name) => name.startsWith('t-'));
    await truncate(join(image, '.sluice', stage, segment!), 5);
    const source = new Source(3);
    await load(image, source);
    expect(await rows(image)).to.deep.equal(once);
    expect(source.asked).to.equal(0);
  });

  it('keeps the rows of a table that had nothing to change also when the run that finishes it is killed in its turn', async () => {
    const { load, rows, stage, placed } = publishCases.find(({ name }) => name.includes('nothing to change'))!;
    const base = join(folder, 'base');
    await load(base, new Source(1));
    const whole = join(folder, 'whole');
    await cp(base, whole, { recursive: true });
    const first = await recordCalls(whole, () => load(whole, new Source(2)), { wanted: () => true });
    const once = await rows(whole);
    const image = join(folder, 'image');
    await first.moments[first.trace.indexOf(placed!) + 1]!.image('killed').write(image);
    await truncate(join(image, '.sluice', stage, 't-b.000001.jsonl'), 5);
    const second = join(folder, 'second');
    await cp(image, second, { recursive: true });
    const { trace, moments } = await recordCalls(second, () => load(second, new Source(3)), { wanted: () => true });
    for (const [at, moment] of moments.entries()) {
      if (!every && at % 7 !== 0) continue;
      const copy = join(folder, `copy-${at}`);
      await moment.image('killed').write(copy);
      const source = new Source(4);
      await load(copy, source);
      // What came after the stage was gone is a load of its own.
      if (source.asked === 0) expect(await rows(copy), `stopped before ${trace[at]} (${at})`).to.deep.equal(once);
      else expect(at).to.be.greaterThan(trace.findIndex((call) => /^rm .*journal\.jsonl$/.test(call)));
    }
  });

  for (const name of ['child tables and dead letters', 'several plain files, one of them text'])
    it(`is of one reading also when the run that finishes it is killed in its turn, and a segment is damaged then: ${name}`, async () => {
      const { load, rows, stage, placed } = publishCases.find((one) => one.name === name)!;
      const base = join(folder, 'base');
      await load(base, new Source(1));
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      const first = await recordCalls(whole, () => load(whole, new Source(2)), { wanted: () => true });
      const once = await rows(whole);
      const image = join(folder, 'image');
      await first.moments[first.trace.indexOf(placed!) + 1]!.image('killed').write(image);
      const second = join(folder, 'second');
      await cp(image, second, { recursive: true });
      const { trace, moments } = await recordCalls(second, () => load(second, new Source(3)), { wanted: () => true });
      const end = trace.findIndex((call) => /^rm .*journal\.jsonl$/.test(call));
      for (const [at, moment] of moments.slice(0, end + 1).entries()) {
        if (!every && at % 5 !== 0) continue;
        const copy = join(folder, `copy-${at}`);
        // What the engine was writing is there in part.
        await moment.image('torn').write(copy);
        const staged = join(copy, '.sluice', stage);
        for (const file of (await readdir(staged)).filter((each) => each.startsWith('t-')))
          await truncate(join(staged, file), 1);
        const source = new Source(4);
        await load(copy, source);
        const where = `killed again before ${trace[at]} (${at})`;
        expect(await rows(copy), where).to.deep.equal(once);
        expect(source.asked, where).to.equal(0);
      }
    });

  it('takes in rows that come again of a table that had nothing to change, because another one must be read anew', async () => {
    const row = (table: string, id: number): Row => ({ table, id });
    const load = (out: string, rows: readonly Row[]) =>
      run(
        from(pagesOf([rows])).pipe(
          dividedSink<Row>({
            name: 'd',
            path: join(out, 'd'),
            tables: [],
            divide: ({ rows: all }) =>
              new Map(['a', 'b', 'c'].map((table) => [table, all.filter((each) => each['table'] === table)])),
            sinkOf: (table) =>
              parquet(join(out, table === 'c' ? 'c/' : `${table}.parquet`), {
                writeDisposition: 'merge',
                primaryKey: 'id',
              }),
            remembered: () => null,
            recall: () => undefined,
            forget: () => undefined,
          }),
        ),
      );
    const image = join(folder, 'image');
    const base = join(folder, 'base');
    await load(base, [row('a', 1), row('b', 1), row('c', 1)]);
    const second = [row('a', 2), row('b', 1), row('c', 2)];
    const { trace, moments } = await recordCalls(base, () => load(base, second), { wanted: () => true });
    await moments[trace.indexOf('rename a.parquet') + 1]!.image('killed').write(image);
    await truncate(join(image, '.sluice', 'd', 't-b.000001.jsonl'), 5);
    await load(image, [...second, row('b', 2)]);
    expect(await query(`SELECT id::INTEGER AS id FROM read_parquet('${image}/b.parquet')`)).to.deep.equal([
      { id: 1 },
      { id: 2 },
    ]);
  });

  for (const loads of [0, 1]) {
    it(`begins anew, and leaves no file of before, when no manifest names them yet: directories after ${loads} loads`, async () => {
      const { load, stage, rows } = publishCases.find(({ name }) => name.includes('directories'))!;
      const base = join(folder, 'base');
      await mkdir(base);
      for (let done = 0; done < loads; done += 1) await load(base, new Source(1));
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      const { moments } = await recordCalls(whole, () => load(whole, new Source(2)), {
        wanted: (_, call) => call === 'rename _manifest.json',
      });
      const once = JSON.stringify(await rows(whole));
      const image = join(folder, 'image');
      await moments[0]!.image('killed').write(image);
      for (const [kind, damage] of Object.entries(damages)) {
        const copy = join(folder, kind);
        await cp(image, copy, { recursive: true });
        await damage(join(copy, '.sluice', stage, 'journal.jsonl'));
        await load(copy, new Source(3));
        // Rows of the load that was cut short, or of the one after it: each once.
        const found = JSON.stringify(await rows(copy));
        expect(found.replaceAll('"read":"3"', '"read":"2"'), kind).to.equal(once);
      }
    });
  }

  it('goes on with its cursor after the rows that are published', async () => {
    const api = await PagedApi.start();
    try {
      const list = (rows: number): void =>
        api.list({ '/rows': Array.from({ length: rows }, (_, index) => ({ id: index, at: index })) });
      const load = (out: string): Promise<unknown> =>
        restApi({
          client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
          resources: [
            {
              name: 'rows',
              write_disposition: 'append',
              endpoint: {
                path: 'rows',
                data_selector: 'data',
                incremental: { cursor_path: 'at', start_param: 'since' },
              },
            },
          ],
        }).run({ out, checkpoint });
      const base = join(folder, 'base');
      list(10);
      await load(base);
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      list(30);
      let renamed = Number.POSITIVE_INFINITY;
      const { moments } = await recordCalls(whole, () => load(whole), {
        wanted: (at, call) => {
          if (call === 'rename rows.parquet') renamed = at;
          return at === renamed + 1;
        },
      });
      const image = join(folder, 'image');
      await moments[0]!.image('killed').write(image);
      const journal = '.sluice/rows.parquet/journal.jsonl';
      for (const [kind, damage] of Object.entries(damages)) {
        const copy = join(folder, kind);
        await cp(image, copy, { recursive: true });
        await damage(join(copy, journal));
        // More has come meanwhile, which the load that is finished must not skip.
        list(45);
        await load(copy);
        expect(api.served, kind).to.equal(0);
        await load(copy);
        expect(await query(`SELECT id::INTEGER AS id FROM read_parquet('${copy}/rows.parquet')`), kind).to.deep.equal(
          Array.from({ length: 45 }, (_, id) => ({ id })),
        );
      }
    } finally {
      await api.stop();
    }
  });
});
