// Lists whose records shift while they are read: what an overlap makes up for, and what is told.
import { expect } from 'chai';
import fc from 'fast-check';
import { withFlow } from '../../lib/core/index.js';
import { offset, type Paginator, pageNumber, pages } from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow } from './fake-api.js';

const size = 10;

/** A list that loses records between two requests: `deletions` says how many of its first ones before each request. */
function shifting(count: number, deletions: readonly number[]) {
  const rows = Array.from({ length: count }, (_, id) => ({ id }));
  return fakeApi(({ params }, asked) => {
    rows.splice(0, deletions[asked - 1] ?? 0);
    const at = params['page'] === undefined ? Number(params['offset']) : Number(params['page']) * size;
    return { data: rows.slice(at, at + size), total: rows.length };
  });
}

function read(paginator: Paginator, count: number, deletions: readonly number[], concurrency = 1) {
  const api = shifting(count, deletions);
  const flow = fakeFlow({ pages: 100 });
  const walk = pages(api, '/a', paginator, { concurrency });
  const seen = withFlow(flow, () => collect(walk));
  const ids = seen.values.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map(({ id }) => id));
  return {
    ...seen,
    ids,
    notes: flow.notes,
    asked: api.requests.map(({ params }) => params['page'] ?? params['offset']),
  };
}
/** The ids that were there to the end. */
const staying = (count: number, deletions: readonly number[]) => {
  const gone = deletions.reduce((sum, each) => sum + each, 0);
  return Array.from({ length: Math.max(0, count - gone) }, (_, index) => gone + index);
};

describe('records that shift while they are read', () => {
  it('are missed without an overlap, and the note says by how many', () => {
    const { ids, notes } = read(offset({ limit: size }), 50, [0, 0, 3]);
    for (const missed of [20, 21, 22]) expect(ids).to.not.include(missed);
    expect(notes.join()).to.contain('the total fell by 3').and.contain('overlap');
    expect(read(offset({ limit: size }), 50, []).notes).to.deep.equal([]);
  });

  it('are all there with an overlap of as many records as are deleted between two pages', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(9), { maxLength: 30 }),
        fc.boolean(),
        (count, overlap, wanted, isTold) => {
          const deletions = [0, ...wanted.map((each) => Math.min(each, overlap))];
          const options = { limit: size, overlap, totalPath: isTold ? 'total' : null };
          const { ids, error } = read(offset(options), count, deletions);
          expect(error).to.equal(undefined);
          expect(ids).to.include.members(staying(count, deletions));
        },
      ),
    );
  });

  it('are all there with pages that are asked for again', () => {
    for (const deletions of [
      [0, 3],
      [0, 10],
      [0, 0, 4, 0, 5],
    ])
      for (const totalPath of [null, undefined]) {
        const { ids, error, completed } = read(pageNumber({ overlap: 1, totalPath: totalPath ?? null }), 60, deletions);
        expect([error, completed]).to.deep.equal([undefined, true]);
        expect(ids, deletions.join()).to.include.members(staying(60, deletions));
      }
  });

  it('by page: each page is asked for again after the next, also after the last', () => {
    const total = { totalPath: 'pages' };
    const api = () => fakeApi(({ params }) => ({ data: [{ id: params['page'] }], pages: 4, stamp: Math.random() }));
    for (const concurrency of [1, 3]) {
      const asked = (options: Parameters<typeof pageNumber>[0]) => {
        const client = api();
        const seen = collect(pages(client, '/a', pageNumber(options), { concurrency }));
        expect(seen.error).to.equal(undefined);
        return client.requests.map(({ params }) => params['page']);
      };
      expect(asked({ ...total, overlap: 1 })).to.deep.equal([0, 1, 0, 2, 1, 3, 2]);
      expect(asked({ ...total, overlap: 2 })).to.deep.equal([0, 1, 0, 2, 0, 1, 3, 1, 2]);
      expect(asked({ ...total, overlap: 1, basePage: 1 })).to.deep.equal([1, 2, 1, 3, 2, 4, 3]);
      expect(asked({ overlap: 1, maximumPage: 2, totalPath: null })).to.deep.equal([0, 1, 0]);
      expect(asked(total)).to.deep.equal([0, 1, 2, 3]);
    }
  });

  it('by page: goes on from each of its positions', () => {
    const walk = () => {
      const api = fakeApi(({ params }) => ({ data: [{ id: params['page'] }], pages: 4, stamp: Math.random() }));
      return pages(api, '/a', pageNumber({ totalPath: 'pages', overlap: 1 }));
    };
    const ids = (seen: ReturnType<typeof collect>) =>
      seen.values.map((page) => (page as { body: { data: { id: number }[] } }).body.data[0]!.id);
    const whole = collect(walk());
    for (const [index, { position }] of whole.values.entries()) {
      const saved = JSON.parse(JSON.stringify(position)) as typeof position;
      const rest = withFlow(fakeFlow({ saved: [saved] }), () => collect(walk()));
      expect(ids(rest)).to.deep.equal(ids(whole).slice(index + 1));
    }
  });
});
