// Whether Sluice has become slower or larger: the processor time and the memory of a run, as ratios to those of the floor in the same turns,
// against the stored ratios. Never times: a slower machine is slower for both. How far a ratio may be off is measured along with it: the
// floor against itself, and the scatter over the turns. Where that is too much to tell, more turns are taken, up to three times as many.
// Options: --size small (20,000 rows) or large (200,000), --runs 7, --record (stores what was measured), --handicap MILLISECONDS (burns so
// much for each page, to see it fail). Ends with 1 when a ratio is above its band, with 2 when the machine is too noisy to tell.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bandOf, type Measured, measured } from './noise.js';
import { optionsOf, refuse } from './options.js';
import { type Sample, sample, startServer } from './processes.js';

const values = optionsOf(import.meta.url, {
  size: { type: 'string', default: 'small' },
  runs: { type: 'string', default: '7' },
  record: { type: 'boolean', default: false },
  handicap: { type: 'string', default: '0' },
});
const sizes: Readonly<Record<string, number>> = { small: 20_000, large: 200_000 };
const { size } = values;
const rows = sizes[size] ?? refuse(`--size is ${Object.keys(sizes).join(' or ')}, not ${size}`);
const pageSize = 100;
const runs = Number(values.runs);
/** A band as wide as this tells nothing. */
const widest = 0.3;

type Measure = 'processor' | 'memory';
const readings: Readonly<Record<Measure, (sample: Sample) => number>> = {
  processor: ({ cpuSeconds }) => cpuSeconds,
  memory: ({ peakMegabytes }) => peakMegabytes,
};
type Stored = Readonly<Record<string, Readonly<Record<Measure, Measured>>>>;
const storedFile = fileURLToPath(new URL('ratios.json', import.meta.url));
const stored = JSON.parse(await readFile(storedFile, 'utf8').catch(() => '{}')) as Stored;

interface Turn {
  readonly before: Sample;
  readonly run: Sample;
  readonly after: Sample;
}

interface Verdict {
  readonly measure: Measure;
  readonly now: Measured;
  readonly floors: Measured;
  readonly band: number;
}

const turns: Turn[] = [];
const server = await startServer({ rows, pageSize });
try {
  await turn(); // warms up the server and the disk
  while (turns.length < runs) turns.push(await turn());
  while (turns.length < 3 * runs && judge().some(({ band }) => band > widest)) turns.push(await turn());
} finally {
  server.stop();
}
const verdicts = judge();
for (const { measure, now, floors, band } of verdicts) {
  const before = stored[size]?.[measure];
  const limit = before && before.ratio * (1 + band);
  console.log(
    [
      `${measure.padEnd(9)} ratio to the floor ${now.ratio.toFixed(3)} ± ${percent(now.error)}`,
      `floor to itself ${floors.ratio.toFixed(3)} ± ${percent(floors.error)}`,
      before
        ? `stored ${before.ratio.toFixed(3)} ± ${percent(before.error)}, may be up to ${limit!.toFixed(3)}`
        : 'none stored',
    ].join('; '),
  );
  if (values.record) continue;
  if (before === undefined) fail(2, `no ratio is stored for the size ${size}: store one with --record`);
  else if (band > widest)
    fail(2, `${measure}: too noisy to tell, after ${turns.length} turns: the band is ${percent(band)}`);
  else if (now.ratio > limit!)
    fail(1, `${measure}: ${percent(now.ratio / before.ratio - 1)} above the stored ratio; ${percent(band)} is noise`);
  else if (now.ratio < before.ratio * (1 - band))
    console.log(`${measure}: better than stored; --record keeps it that way`);
}
if (values.record) {
  const own = Object.fromEntries(verdicts.map(({ measure, now }) => [measure, now]));
  await writeFile(storedFile, `${JSON.stringify({ ...stored, [size]: own }, null, 2)}\n`);
}

async function turn(): Promise<Turn> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-check-'));
  try {
    const before = await sample('floor.ts', [server.url, pageSize]);
    const run = await sample('sluice.ts', [server.url, pageSize, folder, 1, values.handicap]);
    const after = await sample('floor.ts', [server.url, pageSize]);
    for (const each of [before, run, after]) if (each.rows !== rows) throw new Error(`${each.rows} rows of ${rows}`);
    return { before, run, after };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function judge(): Verdict[] {
  return (Object.keys(readings) as Measure[]).map((measure) => {
    const read = readings[measure];
    const now = measured(turns.map(({ before, run, after }) => (2 * read(run)) / (read(before) + read(after))));
    const floors = measured(turns.map(({ before, after }) => read(after) / read(before)));
    // The floor after a run may differ from the one before it, in every turn: that is noise as well.
    const drift = Math.log(floors.ratio);
    return { measure, now, floors, band: bandOf(now.error, floors.error, drift, stored[size]?.[measure].error ?? 0) };
  });
}

function fail(code: 1 | 2, message: string): void {
  console.error(message);
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
