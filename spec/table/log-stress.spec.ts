// Many small loads in which all happens at once: commits for each page, segments that are followed by others in the middle of a commit,
// seals in the background, sources that fail and go on. What is published is what was sent. STRESS_ROUNDS sets how many loads, and
// SLUICE_SEED which.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Observable } from 'rxjs';
import { currentFlow, type Row, type Rows } from '../../lib/core/index.js';
import { run } from '../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { randomNumbers } from '../faults/crash/random-numbers.js';
import { readRows } from '../sinks/parquet-file.js';

const rounds = Number(process.env['STRESS_ROUNDS'] ?? 6);
const seed = Number(process.env['SLUICE_SEED'] ?? 20_261_125);
const cut = new Error('cut');

interface Round {
  readonly pages: readonly (readonly Row[])[];
  readonly options: ParquetOptions;
  readonly segmentBytes: number;
  /** Pages after which the source fails, one run after the other. */
  readonly cuts: readonly number[];
  /** How long a page takes: none, a turn of the loop, or milliseconds. */
  readonly wait: () => number;
}

describe('the log of a table under stress', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-stress-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The pages as a walk of which a run goes on where the one before was cut short. */
  const walk = ({ pages, wait }: Round, cutAt: number): Observable<Rows> =>
    new Observable((subscriber) => {
      const saved = currentFlow()?.saved('walk');
      const first = saved === undefined ? 0 : saved.page + 1;
      let stopped = false;
      const send = async (): Promise<void> => {
        for (const [page, rows] of [...pages.entries()].slice(first)) {
          const time = wait();
          if (time === 1) await new Promise((resolve) => setImmediate(resolve));
          else if (time > 1) await new Promise((resolve) => setTimeout(resolve, time));
          if (stopped) return;
          if (page === cutAt) return subscriber.error(cut);
          const next = page === pages.length - 1 ? null : page + 1;
          subscriber.next({ rows, bytes: 100, position: { walk: 'walk', page, next } });
        }
        subscriber.complete();
      };
      void send();
      return () => {
        stopped = true;
      };
    });

  const ids = async (file: string, column: string): Promise<string[]> =>
    (await readRows(file, `${column} AS at`)).map(({ at }) => String(at));

  for (const writeDisposition of ['append', 'merge', 'replace'] as const) {
    for (const nesting of ['json', 'tables'] as const) {
      const children = nesting === 'tables' ? ', with child tables' : '';
      it(`holds what was sent and nothing twice: ${writeDisposition}${children}`, async () => {
        for (let round = 0; round < rounds; round += 1) {
          const random = randomNumbers(seed + round);
          const file = join(folder, `things${round}.parquet`);
          const one = roundOf(random, { writeDisposition, nesting, primaryKey: 'id' });
          const told = `round ${round} of seed ${seed}`;
          for (const cutAt of one.cuts) await runOnce(file, one, cutAt);
          const receipt = (await runOnce(file, one, -1))!;
          const sent = one.pages.flat();
          expect(receipt, told).to.include({
            rows: sent.length,
            inserted: sent.length,
            duplicates: 0,
            total: sent.length,
          });
          expect(await ids(file, 'id'), told).to.deep.equal(sent.map(({ id }) => String(id)));
          if (nesting === 'json') continue;
          const lines = sent.flatMap((row) => row['lines'] as Row[]).map(({ line }) => String(line));
          const [child] = receipt.children ?? [];
          expect([child?.rows ?? 0, child?.total ?? 0, child?.duplicates ?? 0], told).to.deep.equal([
            lines.length,
            lines.length,
            0,
          ]);
          if (child !== undefined) expect(await ids(child.files[0]!, 'line'), told).to.deep.equal(lines);
        }
      }).timeout(60_000 + rounds * 5_000);
    }
  }

  async function runOnce(file: string, round: Round, cutAt: number) {
    const chain = walk(round, cutAt).pipe(parquet(file, round.options));
    try {
      return await run(chain, { segmentBytes: round.segmentBytes });
    } catch (error) {
      if (error !== cut) throw error;
      return undefined;
    }
  }
});

function roundOf(random: () => number, options: ParquetOptions): Round {
  const below = (limit: number): number => Math.floor(random() * limit);
  let id = 0;
  const isWide = random() < 0.1;
  const rowOf = (): Row => {
    id += 1;
    const lines = Array.from({ length: below(3) }, (_, at) => ({ line: 10 * id + at }));
    // A column of which the type changes, a late one, and now and then rows that fill more than one write.
    const value = id < 40 ? id : `text ${id}`;
    const wide = isWide && random() < 0.05 ? { wide: 'x'.repeat(below(900_000)) } : {};
    return { id, value, ...(id > 60 && { late: id }), ...wide, lines };
  };
  const pages = Array.from({ length: 5 + below(30) }, () => Array.from({ length: below(8) }, rowOf));
  const pace = below(3);
  return {
    pages,
    options: { ...options, checkpoint: { pages: 1 + below(5) } },
    segmentBytes: [1, 64, 300, 800, 3000][below(5)]!,
    cuts: Array.from({ length: below(3) }, () => below(pages.length)).sort((one, other) => one - other),
    wait: () => (pace === 0 ? 0 : pace === 1 ? below(2) : below(4) * 3),
  };
}
