// The parts of a page: whatever is split, also again, and in whatever order it comes, it is whole with the last of them and not before.
import { expect } from 'chai';
import fc from 'fast-check';
import { type PagePart, type Rows, splitPage, wholePage } from '../../lib/core/index.js';

const page: Rows<number> = { rows: [], position: { walk: 'w', page: 3, next: 4 }, bytes: 70 };
type Part = Rows<number> & { readonly part: PagePart };

/** Splits a page, and its parts again, as the numbers say. Each part has its place among all as its row. */
function split(counts: readonly number[]): Part[] {
  let parts: Rows<unknown>[] = [page];
  for (const [index, count] of counts.entries()) {
    const at = (index * 7) % parts.length;
    parts = parts.flatMap((part, place) => (place === at ? splitPage(part, Array(count).fill([])) : [part]));
  }
  return parts.map((part, place) => ({ ...part, rows: [place] }) as Part);
}

describe('splitPage', () => {
  it('makes parts that say where they are, with the position of the page, and its bytes once', () => {
    const parts = splitPage({ ...page, raw: { bytes: Buffer.alloc(0), value: {}, path: '$' } }, [[1], [], [2, 3]]);
    const { position } = page;
    expect(parts).to.deep.equal([
      { rows: [1], position, bytes: 70, part: { at: 0, of: 3 } },
      { rows: [], position, bytes: 0, part: { at: 1, of: 3 } },
      { rows: [2, 3], position, bytes: 0, part: { at: 2, of: 3 } },
    ]);
  });

  it('makes an empty part where there is nothing, so that the page still counts', () => {
    expect(splitPage(page, [])).to.deep.equal([{ ...page, part: { at: 0, of: 1 } }]);
  });

  it('is whole with the last part and not before, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (counts, order) => {
          const parts = split(counts);
          const shuffled = parts
            .map((part) => ({ part, key: order.next().value as number }))
            .sort((one, other) => one.key - other.key)
            .map(({ part }) => part);
          for (let come = 1; come < shuffled.length; come += 1)
            expect(wholePage(shuffled.slice(0, come))).to.equal(undefined);
          expect(wholePage(shuffled)?.map(({ rows }) => rows[0])).to.deep.equal([...parts.keys()]);
        },
      ),
    );
  });

  it('refuses more parts than can be counted', () => {
    const part = { ...page, part: { at: 0, of: 2 ** 52 } };
    expect(() => splitPage(part, [[], [], []])).to.throw('lists: are too many');
  });
});
