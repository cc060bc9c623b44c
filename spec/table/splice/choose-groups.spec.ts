// Which row groups are rebuilt: never one without a reason, and the file stays in good shape whatever comes.
import { expect } from 'chai';
import fc from 'fast-check';
import { chooseGroups, type Groups } from '../../../lib/table/splice/choose-groups.js';

const full = 1000;
const none = (rows: readonly number[]): number[] => rows.map(() => 0);
const rebuilt = (groups: Groups): string | undefined =>
  chooseGroups(groups)
    ?.map((run) => `${run.rebuilt ? 'rebuild' : 'copy'} ${run.from}-${run.to}`)
    .join(', ');

describe('the choice of row groups', () => {
  it('copies all when nothing leaves and nothing comes', () => {
    expect(rebuilt({ rows: [1000, 1000, 30], leaving: [0, 0, 0], coming: 0, full })).to.equal('copy 0-3');
  });

  it('rebuilds those that lose rows', () => {
    const rows = [1000, 1000, 1000, 1000, 900];
    expect(rebuilt({ rows, leaving: [0, 1, 0, 0, 0], coming: 900, full })).to.equal('copy 0-1, rebuild 1-2, copy 2-5');
  });

  it('takes a small last group into the rows that come, and leaves a large one alone', () => {
    const rows = [1000, 1000, 1000, 100];
    expect(rebuilt({ rows, leaving: none(rows), coming: 50, full })).to.equal('copy 0-3, rebuild 3-4');
    const large = [1000, 1000, 1000, 600];
    expect(rebuilt({ rows: large, leaving: none(large), coming: 50, full })).to.equal('copy 0-4');
  });

  it('leaves a last group alone that is larger than those of this load', () => {
    const rows = [1400, 1400, 1400, 1100];
    expect(rebuilt({ rows, leaving: none(rows), coming: 50, full })).to.equal('copy 0-4');
  });

  it('gathers small neighbours anywhere', () => {
    const rows = [1000, 200, 100, 1000, 1000, 1000];
    expect(rebuilt({ rows, leaving: none(rows), coming: 900, full })).to.equal('copy 0-1, rebuild 1-3, copy 3-6');
  });

  it('does not rebuild the neighbour of a group of which nothing stays', () => {
    const rows = [1000, 1000, 1000, 1000];
    expect(rebuilt({ rows, leaving: [0, 1000, 0, 0], coming: 0, full })).to.equal('copy 0-1, rebuild 1-2, copy 2-4');
  });

  it('writes all anew when most rows would be rebuilt', () => {
    const rows = [1000, 1000, 1000, 1000];
    expect(rebuilt({ rows, leaving: [1, 1, 1, 1], coming: 4, full })).to.equal(undefined);
    expect(rebuilt({ rows: [100], leaving: [0], coming: 1, full })).to.equal(undefined);
  });

  it('does not write a table anew because the rows of one load are shorter than those before', () => {
    const rows = [300, 300, 300, 300];
    expect(rebuilt({ rows, leaving: none(rows), coming: 300, full })).to.equal('copy 0-4');
    const tiny = Array.from({ length: 100 }, () => 5);
    expect(rebuilt({ rows: tiny, leaving: none(tiny), coming: 1, full })).to.equal(undefined);
  });

  const rowsOf = fc.array(fc.integer({ min: 1, max: full }), { minLength: 1, maxLength: 30 });
  it('covers every group once, in order, and rebuilds each that loses rows', () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(), fc.nat(3000), (rows, seed, coming) => {
        const leaving = rows.map((count, index) =>
          (seed >> (index % 20)) % 3 === 0 ? (seed + index) % (count + 1) : 0,
        );
        const runs = chooseGroups({ rows, leaving, coming, full });
        if (runs === undefined) return;
        expect(
          runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)),
        ).to.deep.equal(rows.map((_, index) => index));
        for (const { from, to, ...run } of runs) {
          const lost = leaving.slice(from, to).reduce((sum, count) => sum + count, 0);
          expect(run.leaving).to.equal(lost);
          expect(run.staying).to.equal(rows.slice(from, to).reduce((sum, count) => sum + count, 0) - lost);
          if (lost > 0) expect(run.rebuilt).to.equal(true);
        }
      }),
    );
  });

  it('keeps the number of groups small, and what is rebuilt too, over any 300 small merges', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1_000_000)), (numbers) => {
        const draw = (below: number): number => Number(numbers.next().value) % below;
        let rows = Array.from({ length: 40 }, () => full);
        let written = 0;
        let moved = 0;
        for (let merge = 0; merge < 300; merge += 1) {
          const leaving = none(rows);
          // Mostly the newest rows change, now and then an old one.
          for (let change = 0; change < 20; change += 1) {
            const group = draw(10) > 0 ? rows.length - 1 - draw(Math.min(2, rows.length)) : draw(rows.length);
            if (leaving[group]! < rows[group]!) leaving[group]! += 1;
          }
          const coming = leaving.reduce((sum, count) => sum + count, 0) + draw(30);
          moved += coming;
          const runs = chooseGroups({ rows, leaving, coming, full });
          const before = rows.reduce((sum, count) => sum + count, 0);
          rows = after(rows, runs, coming);
          written += runs === undefined ? before : runs.reduce((sum, run) => sum + (run.rebuilt ? run.staying : 0), 0);
        }
        const total = rows.reduce((sum, count) => sum + count, 0);
        expect(rows.length).to.be.at.most(Math.ceil((4 * total) / full) + 2);
        // Each row that moves makes at most a few groups be written.
        expect(written / 300).to.be.lessThan(8 * full);
        expect(moved).to.be.greaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  /** The row groups that a file has then. */
  function after(rows: readonly number[], runs: ReturnType<typeof chooseGroups>, coming: number): number[] {
    const split = (count: number): number[] =>
      count === 0
        ? []
        : [...Array.from({ length: Math.floor(count / full) }, () => full), count % full].filter((each) => each > 0);
    if (runs === undefined) return split(rows.reduce((sum, count) => sum + count, 0));
    const last = runs.at(-1)!;
    const joins = last.rebuilt && last.to === rows.length;
    const groups = runs.flatMap((run) => {
      if (!run.rebuilt) return rows.slice(run.from, run.to);
      return joins && run === last ? [] : split(run.staying);
    });
    return [...groups, ...split(coming + (joins ? last.staying : 0))];
  }
});
