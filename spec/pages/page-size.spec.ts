// Servers whose pages have not as many records as they are asked for: nothing lost, nothing twice, however they count.
import { expect } from 'chai';
import fc from 'fast-check';
import { type Params, type RequestError, withFlow } from '../../lib/core/index.js';
import { type OffsetOptions, offset, type PagesOptions, pageNumber, pages } from '../../lib/pages/index.js';
import { retry } from '../../operators/index.js';
import { collect, fakeApi, fakeFlow } from './fake-api.js';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

interface Answer {
  readonly data: readonly { readonly id: number }[];
  readonly total?: number;
}
type Server = (offset: number, limit: number) => Answer;

function walk(server: Server, options: OffsetOptions, more: PagesOptions = {}) {
  const api = fakeApi(({ params }) => server(Number(params['offset']), Number(params['limit'])));
  const flow = fakeFlow({ pages: 100 });
  const seen = withFlow(flow, () => collect(pages(api, '/a', offset(options), more)));
  const ids = seen.values.flatMap(({ body }) => (body as Answer).data.map(({ id }) => id));
  const asked = api.requests.map(({ params }: { params: Params }) => [params['offset'], params['limit']]);
  return { ...seen, ids, asked, notes: flow.notes };
}

const rowsOf = (count: number) => upTo(count).map((id) => ({ id }));
const withTotal = (data: Answer['data'], total: number | undefined): Answer =>
  total === undefined ? { data } : { data, total };

describe('pages of another size than asked for', () => {
  /** Gives at most `cap` records a page, and says nothing of it. */
  const capped = (count: number, cap: number, total?: number): Server => {
    const rows = rowsOf(count);
    return (at, limit) => withTotal(rows.slice(at, at + Math.min(limit, cap)), total);
  };
  /** Counts all records, and then leaves out those that are hidden. */
  const sparse = (count: number, isHidden: (id: number) => boolean, total?: number): Server => {
    const rows = rowsOf(count);
    return (at, limit) =>
      withTotal(
        rows.slice(at, at + limit).filter(({ id }) => !isHidden(id)),
        total,
      );
  };

  for (const total of [undefined, 230])
    it(`a silent cap ${total ? 'with' : 'without'} a total: nothing is lost, and the cap is asked for from then on`, () => {
      const { ids, asked, completed, notes } = walk(capped(230, 50, total), { limit: 100 });
      expect(ids).to.deep.equal(upTo(230));
      expect(asked.map(([at]) => at)).to.deep.equal([0, 50, 100, 150, 200, ...(total ? [] : [230])]);
      expect(completed).to.equal(true);
      expect(notes.join()).to.contain('50 records a page, not 100').and.contain('does not say so');
    });

  it('a silent cap with several requests in flight', () => {
    for (const total of [undefined, 230]) {
      const { ids } = walk(capped(230, 50, total), { limit: 100 }, { concurrency: 8 });
      expect(ids).to.deep.equal(upTo(230));
    }
  });

  it('a cap on a walk of one page: the total is below the limit, and above what came', () => {
    expect(walk(capped(80, 50, 80), { limit: 100 }).ids).to.deep.equal(upTo(80));
  });

  for (const total of [0, 7])
    it(`a total of ${total}, which is below what has come, and nobody asked for: nothing is lost, and a note says so`, () => {
      for (const concurrency of [1, 4]) {
        const { ids, notes, completed } = walk(capped(250, 100, total), { limit: 100 }, { concurrency });
        expect(ids).to.deep.equal(upTo(250));
        expect(completed).to.equal(true);
        expect(notes.join()).to.contain(`its total of ${total} is below the records that have come`);
      }
    });

  it('a total of pages that is below the pages that have come, and nobody asked for', () => {
    const rows = rowsOf(250);
    const api = fakeApi(({ params }) => {
      const at = (Number(params['page']) - 1) * 100;
      return { data: rows.slice(at, at + 100), total: 0 };
    });
    const { values } = collect(pages(api, '/a', pageNumber({ basePage: 1 })));
    expect(values.flatMap(({ body }) => (body as Answer).data)).to.have.length(250);
  });

  it('records that are left out after counting: none twice, and found out once', () => {
    const visible = upTo(1000).filter((id) => id % 10 !== 3 && id !== 99);
    for (const total of [undefined, 1000, visible.length]) {
      const { ids, asked, notes } = walk(
        sparse(1000, (id) => id % 10 === 3 || id === 99, total),
        { limit: 100 },
      );
      expect(ids, String(total)).to.deep.equal(visible);
      // Ten pages, two questions, and the end.
      expect(asked.length).to.be.at.most(10 + 2 + 1);
      expect(notes.join()).to.contain('leaves records out');
    }
  });

  it('pages that are empty because all of their records are left out, below the total', () => {
    const isHidden = (id: number) => id % 7 === 0 || (id >= 300 && id < 400);
    const { ids, completed } = walk(sparse(600, isHidden, 600), { limit: 50 });
    expect(ids).to.deep.equal(upTo(600).filter((id) => !isHidden(id)));
    expect(completed).to.equal(true);
  });

  it('a server with larger pages than asked for', () => {
    const rows = rowsOf(230);
    for (const total of [undefined, 230]) {
      const { ids, notes } = walk((at) => withTotal(rows.slice(at, at + 25), total), { limit: 10 });
      expect(ids, String(total)).to.deep.equal(upTo(230));
      expect(notes.join()).to.contain('25 records a page, not 10');
    }
  });

  it('a selector that takes several records out of each unit that the server counts', () => {
    for (const perOrder of [1, 3, 4]) {
      const orders = upTo(95).map((order) => ({
        items: upTo(order % perOrder === 0 ? perOrder : 1).map((item) => ({ id: order * 10 + item })),
      }));
      const api = fakeApi(({ params }) => ({
        orders: orders.slice(Number(params['offset']), Number(params['offset']) + Number(params['limit'])),
      }));
      const seen = collect(
        pages(api, '/a', offset({ limit: 10 }), { records: 'orders[*].items[*]', concurrency: perOrder }),
      );
      const ids = seen.values.flatMap(({ body }) =>
        (body as { orders: typeof orders }).orders.flatMap(({ items }) => items.map(({ id }) => id)),
      );
      expect(ids, String(perOrder)).to.deep.equal(orders.flatMap(({ items }) => items.map(({ id }) => id)));
    }
  });

  it('a record inserted while a capped server is read: none lost', () => {
    const rows: { id: number }[] = rowsOf(230);
    let asked = 0;
    const { ids } = walk(
      (at, limit) => {
        asked += 1;
        if (asked === 2) rows.unshift({ id: 1000 });
        return { data: rows.slice(at, at + Math.min(limit, 50)) };
      },
      { limit: 100 },
    );
    expect([...new Set(ids)].sort((a, b) => a - b)).to.deep.equal(upTo(230));
  });

  it('records without a word that tells them apart: none lost', () => {
    const { values } = walk(
      (at, limit) => ({ data: Array.from({ length: Math.min(limit, 50, Math.max(0, 130 - at)) }, () => ({ id: 7 })) }),
      { limit: 100 },
      { allowRepeatedPages: true },
    );
    expect(values.flatMap(({ body }) => (body as Answer).data)).to.have.length(130);
  });

  it('however a server caps, leaves out and tells: every record once and in order, in flight alone or with others', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 0, max: 120 }),
          limit: fc.integer({ min: 1, max: 30 }),
          caps: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
          hidden: fc.array(fc.nat(119), { maxLength: 40 }),
          isSparse: fc.boolean(),
          total: fc.boolean(),
          concurrency: fc.integer({ min: 1, max: 5 }),
        }),
        ({ count, limit, caps, hidden, isSparse, total, concurrency }) => {
          const rows = rowsOf(count);
          const left = new Set(isSparse ? hidden : []);
          const told = total ? count : undefined;
          const server: Server = (at, size) => {
            const cap = isSparse ? size : Math.min(size, caps[at % caps.length]!);
            return withTotal(
              rows.slice(at, at + cap).filter(({ id }) => !left.has(id)),
              told,
            );
          };
          // Without a total, a page of which all is left out looks like the end.
          const isReadable = total || !isSparse || upTo(count).every((at) => server(at, limit).data.length > 0);
          fc.pre(isReadable);
          const { ids, error, notes } = walk(server, { limit }, { concurrency });
          if (total && count > 0 && server(0, limit).data.length === 0) {
            expect(notes.join()).to.contain('page 0 is empty');
            return;
          }
          if (isSparse && total && error) {
            expect((error as RequestError).code).to.equal('ERR_PAGINATION_INCOMPLETE');
            return;
          }
          expect(error).to.equal(undefined);
          expect(ids).to.deep.equal(upTo(count).filter((id) => !left.has(id)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a page without records before the end', () => {
  const rows = rowsOf(100);
  const answer = (params: Params, count: number) => ({
    data: rows.slice(Number(params['offset']), Number(params['offset']) + 10),
    total: count,
  });

  for (const [what, empty] of [
    ['a 204', undefined],
    ['an empty list', { data: [] }],
    ['an empty list with the total', { data: [], total: 100 }],
  ] as const) {
    it(`${what}, once: is asked for again, and nothing is lost`, () => {
      for (const concurrency of [1, 4]) {
        let failed = false;
        const api = fakeApi(({ params }) => {
          if (params['offset'] !== 30 || failed) return answer(params, 100);
          failed = true;
          return empty;
        });
        const seen = collect(pages(api, '/a', offset({ limit: 10 }), { concurrency }).pipe(retry({ initialDelay: 0 })));
        expect(seen.error).to.equal(undefined);
        expect(seen.values.flatMap(({ body }) => (body as Answer).data)).to.deep.equal(rows);
      }
    });

    it(`${what}, always: is an error that says what is missing`, () => {
      const api = fakeApi(({ params }) => (Number(params['offset']) >= 30 ? empty : answer(params, 100)));
      const seen = collect(pages(api, '/a', offset({ limit: 10 })).pipe(retry({ maxRetries: 2, initialDelay: 0 })));
      const error = seen.error as RequestError;
      expect([error.code, error.attempts]).to.deep.equal(['ERR_PAGINATION_INCOMPLETE', 3]);
      expect(error.message).to.contain('no records').and.contain('6 after it').and.contain('totalPath');
      expect(seen.values).to.have.length(3);
    });
  }

  it('is the end where the total says so, or is turned off', () => {
    const over = fakeApi(({ params }) =>
      Number(params['offset']) >= 30 ? { data: [], total: 30 } : answer(params, 100),
    );
    expect(collect(pages(over, '/a', offset({ limit: 10 }))).completed).to.equal(true);
    const off = fakeApi(({ params }) => (Number(params['offset']) >= 30 ? undefined : answer(params, 100)));
    expect(collect(pages(off, '/a', offset({ limit: 10, totalPath: null }))).completed).to.equal(true);
  });

  it('that is the last by the total is the end, with a note: its records may have been deleted meanwhile', () => {
    const api = fakeApi(({ params }) => (Number(params['offset']) >= 90 ? undefined : answer(params, 95)));
    const flow = fakeFlow();
    const seen = withFlow(flow, () => collect(pages(api, '/a', offset({ limit: 10 }))));
    expect(seen.completed).to.equal(true);
    expect(flow.notes.join()).to.contain('page 9 is empty');
  });

  it('of numbered pages with a total of pages is the same error', () => {
    const body = (page: number) => (page === 3 ? { data: [] } : { data: [{ id: page }], pages: 6 });
    const api = fakeApi(({ params }) => body(Number(params['page'])));
    const seen = collect(pages(api, '/a', pageNumber({ basePage: 1, totalPath: 'pages' })));
    expect((seen.error as RequestError).code).to.equal('ERR_PAGINATION_INCOMPLETE');
  });
});
