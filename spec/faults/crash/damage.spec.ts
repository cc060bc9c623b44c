// A stage whose files were damaged while nobody wrote them: the next run notices, says so, sets it aside, and comes to the table of a load that
// began anew. SLUICE_CRASHES=all tries more places.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { run } from '../../../lib/table/index.js';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import { recordCalls } from './recording-disk.js';

const pageCount = 9;
const isWhole = process.env['SLUICE_CRASHES'] === 'all';
const segment = '.sluice/table.parquet/t-table.000001.jsonl';
const journal = '.sluice/table.parquet/journal.jsonl';

describe('a stage that is damaged', function () {
  this.timeout(isWhole ? 1_200_000 : 120_000);
  let folder: string;
  let once: unknown;
  /** What a load leaves that was stopped after some of its pages, and one that was stopped before it put its table in its place. */
  const stages = new Map<string, ReadonlyMap<string, Buffer>>();

  /** Loads; resolves with what the run said. */
  const load = async (out: string, pages = pageCount): Promise<string> => {
    const notes: string[] = [];
    const sink = parquet(join(out, 'table.parquet'), { checkpoint: { pages: 2 } });
    await run(walk(pages, () => undefined).pipe(sink), {
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message);
      },
    });
    return notes.join('\n');
  };
  const rowsOf = (out: string): Promise<unknown> =>
    query(
      `SELECT id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text FROM read_parquet('${out}/table.parquet')`,
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-damage-'));
    const whole = join(folder, 'whole');
    await load(whole, 3);
    let commits = 0;
    const { moments } = await recordCalls(whole, () => load(whole), {
      wanted: (_, call) => {
        if (call === `write ${journal}`) commits += 1;
        return (call === `write ${journal}` && commits === 4) || call === 'rename table.parquet';
      },
    });
    once = await rowsOf(whole);
    for (const [index, name] of ['while pages come', 'while it publishes'].entries()) {
      const image = join(folder, `${name} image`);
      await moments[index]!.image('killed').write(image);
      const content = new Map<string, Buffer>();
      for (const file of ['table.parquet', segment, journal]) content.set(file, await readFile(join(image, file)));
      stages.set(name, content);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Goes on with a stage of which a file was changed; resolves with what the run said. */
  const goOn = async (stage: string, file: string, change: (content: Buffer) => Buffer): Promise<string> => {
    const out = await mkdtemp(join(folder, 'out-'));
    for (const [path, content] of stages.get(stage)!) {
      await mkdir(dirname(join(out, path)), { recursive: true });
      await writeFile(join(out, path), path === file ? change(content) : content);
    }
    const said = await load(out);
    expect(await rowsOf(out)).to.deep.equal(once);
    const isAside = /is damaged .* It was moved to .*\.damaged, and the run starts from the beginning/.test(said);
    expect((await readdir(out)).sort()).to.deep.equal(isAside ? ['.sluice', 'table.parquet'] : ['table.parquet']);
    if (isAside) expect(await readdir(join(out, '.sluice'))).to.deep.equal(['table.parquet.damaged']);
    await rm(out, { recursive: true });
    return said;
  };

  const flipped = (at: number, bit: number) => (content: Buffer) => {
    const copy = Buffer.from(content);
    copy[at]! ^= 1 << bit;
    return copy;
  };
  const places = (stage: string, file: string): fc.Arbitrary<[number, number]> =>
    fc.tuple(fc.nat(stages.get(stage)!.get(file)!.length - 1), fc.nat(7));
  const numRuns = isWhole ? 200 : 12;

  for (const stage of ['while pages come', 'while it publishes']) {
    it(`is set aside when a bit of its rows is another: ${stage}`, async () => {
      await fc.assert(
        fc.asyncProperty(places(stage, segment), async ([at, bit]) => {
          const committed = stage === 'while it publishes' || at < committedBytes(stages.get(stage)!.get(journal)!);
          const said = await goOn(stage, segment, flipped(at, bit));
          if (committed) expect(said).to.match(/the checksum of t-table\.000001\.jsonl does not fit/);
        }),
        { numRuns },
      );
    });

    it(`comes to the same table when a bit of its journal is another: ${stage}`, async () => {
      await fc.assert(
        fc.asyncProperty(places(stage, journal), async ([at, bit]) => {
          await goOn(stage, journal, flipped(at, bit));
        }),
        { numRuns },
      );
    });

    it(`comes to the same table when a file is cut short: ${stage}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(segment, journal),
          fc.double({ min: 0, max: 1, noNaN: true }),
          async (file, part) => {
            await goOn(stage, file, (content) => content.subarray(0, Math.floor(content.length * part)));
          },
        ),
        { numRuns },
      );
    });
  }

  it('believes no number of its journal without its checksum', async () => {
    const stage = 'while pages come';
    const content = stages.get(stage)!.get(journal)!;
    const digits = [...content.keys()].filter((at) => content[at]! >= 0x30 && content[at]! <= 0x39);
    // Of the last record, which would be taken for one that was cut short, and of the others.
    for (let at = 0; at < digits.length; at += isWhole ? 1 : 23) await goOn(stage, journal, flipped(digits[at]!, 0));
  });
});

/** How much of the segment the last record of a journal covers. */
function committedBytes(content: Buffer): number {
  return Math.max(...[...content.toString().matchAll(/"bytes":(\d+)/g)].map(([, bytes]) => Number(bytes)));
}
