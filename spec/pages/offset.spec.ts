// Offset paging: its requests and every way in which it ends.
import { expect } from 'chai';
import { type HttpResponse, OptionError, type Params, withFlow } from '../../lib/core/index.js';
import { type OffsetOptions, offset, PaginationError, pages, singlePage } from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow, window } from './fake-api.js';

function walk(options: OffsetOptions, body: (params: Params, count: number) => unknown) {
  const api = fakeApi(({ params }, count) => body(params, count));
  const seen = collect(pages(api, '/a', offset(options)));
  return { ...seen, asked: api.requests.map(({ params }) => params) };
}
const offsets = (asked: readonly Params[], name = 'offset') => asked.map((params) => params[name]);

describe('offset', () => {
  it('sends offset and limit with every request, and stops at the first empty page', () => {
    const { asked, completed } = walk({ limit: 10 }, (params) => window(20, params));
    expect(asked).to.deep.equal([
      { offset: 0, limit: 10 },
      { offset: 10, limit: 10 },
      { offset: 20, limit: 10 },
    ]);
    expect(completed).to.equal(true);
  });

  it('takes no offence at a total that is missing, null or no number when nobody asked for it', () => {
    for (const total of [undefined, null, 'many', {}]) {
      const { asked, error } = walk({ limit: 10 }, (params) => ({ ...window(20, params), total }));
      expect(error, String(total)).to.equal(undefined);
      expect(asked).to.have.length(3);
    }
  });

  it('stops at the total, as a number or as text', () => {
    for (const total of [20, '20', 20n]) {
      const { asked } = walk({ limit: 10 }, (params) => ({ ...window(100, params), total: Number(total) }));
      expect(offsets(asked)).to.deep.equal([0, 10]);
    }
    const { asked } = walk({ limit: 10, totalPath: 'meta.count' }, (params) => ({
      ...window(25, params),
      meta: { count: '25' },
    }));
    expect(offsets(asked)).to.deep.equal([0, 10, 20]);
  });

  it('fails clearly when a total that was asked for is not in a page with records', () => {
    const { error } = walk({ limit: 10, totalPath: 'meta.count' }, (params) => ({
      ...window(25, params),
      meta: { size: 3 },
    }));
    expect(error).to.be.instanceOf(PaginationError);
    expect((error as PaginationError).code).to.equal('ERR_PAGINATION_RESPONSE');
    expect((error as PaginationError).message).to.match(
      /totalPath is "meta\.count".*offset=0.*|GET .*totalPath is "meta\.count"/,
    );
  });

  it('needs no total in an empty page', () => {
    const { error, completed } = walk({ limit: 10, totalPath: 'count' }, () => ({ data: [] }));
    expect([error, completed]).to.deep.equal([undefined, true]);
  });

  it('does not look for a total when totalPath is null', () => {
    const { asked } = walk({ limit: 10, totalPath: null }, (params) => ({ ...window(20, params), total: 5 }));
    expect(offsets(asked)).to.deep.equal([0, 10, 20]);
  });

  it('lets maximumOffset win over a page that says that there is more', () => {
    const { asked } = walk({ limit: 10, maximumOffset: 20, hasMorePath: 'more' }, (params) => ({
      ...window(100, params),
      more: true,
    }));
    expect(offsets(asked)).to.deep.equal([0, 10]);
  });

  it('stops when the page says that there is no more, as a boolean, a text or a number', () => {
    for (const more of [false, 'false', 'no', 0]) {
      const { asked } = walk({ limit: 10, hasMorePath: 'more' }, (params, count) => ({
        ...window(100, params),
        more: count < 2 ? true : more,
      }));
      expect(asked).to.have.length(2);
    }
  });

  it('fails clearly when hasMorePath finds nothing that can be read', () => {
    const { error } = walk({ limit: 10, hasMorePath: 'more' }, (params) => window(100, params));
    expect((error as PaginationError).message)
      .to.include('hasMorePath is "more"')
      .and.include('nothing');
  });

  it('goes on past an empty page when told so', () => {
    const body = (params: Params) =>
      params['offset'] === 10 ? { data: [], total: 30 } : { ...window(30, params), total: 30 };
    const { asked } = walk({ limit: 10, totalPath: 'total', stopAfterEmptyPage: false }, body);
    expect(offsets(asked)).to.deep.equal([0, 10, 20]);
  });

  it('uses other names and starts elsewhere', () => {
    const { asked } = walk({ limit: 5, offset: 15, offsetParam: 'skip', limitParam: 'take' }, (params) =>
      window(20, { offset: params['skip'], limit: params['take'] }),
    );
    expect(asked).to.deep.equal([
      { skip: 15, take: 5 },
      { skip: 20, take: 5 },
    ]);
  });

  it('finds empty pages by the selector of the walk', () => {
    const api = fakeApi(() => ({ log: [1, 2], items: [] }));
    const seen = collect(pages(api, '/a', offset({ limit: 10 }), { records: 'items' }));
    expect([api.requests.length, seen.completed]).to.deep.equal([1, true]);
  });

  it('takes a 204 for an empty page', () => {
    const seen = collect(
      pages(
        fakeApi(() => undefined),
        '/a',
        offset({ limit: 10 }),
      ),
    );
    expect([seen.values.length, seen.completed, seen.error]).to.deep.equal([1, true, undefined]);
  });

  it('replaces an offset that the caller gave among the parameters, and keeps the others', () => {
    const api = fakeApi(() => ({ data: [] }));
    collect(pages(api, { url: '/a', params: { offset: 7, q: ['x', 'y'] } }, offset({ limit: 10 })));
    expect(api.requests[0]!.params).to.deep.equal({ offset: 0, q: ['x', 'y'], limit: 10 });
  });

  it('goes on with the limit of a server that gives fewer records than it was asked for, and says so', () => {
    for (const total of [undefined, 45]) {
      const body = (params: Params) => {
        const limit = Math.min(10, Number(params['limit']));
        return { ...window(45, { ...params, limit }), limit, ...(total !== undefined && { total }) };
      };
      const { asked, values } = walk({ limit: 1000 }, body);
      expect(offsets(asked)).to.deep.equal([0, 10, 20, 30, 40, ...(total === undefined ? [45] : [])]);
      expect(offsets(asked, 'limit')).to.deep.equal([1000, 10, 10, 10, 10, ...(total === undefined ? [10] : [])]);
      expect(values.flatMap((page) => (page.body as { data: unknown[] }).data)).to.have.length(45);
    }
    const api = fakeApi(({ params }) => ({ ...window(20, { ...params, limit: 10 }), limit: 10 }));
    const flow = fakeFlow();
    withFlow(flow, () => collect(pages(api, '/a', offset({ limit: 100 }), { concurrency: 4 })));
    expect(flow.notes.join()).to.include('10 records a page, not 100');
  });

  it('asks for some records again when told so, so that none is missed when others are deleted meanwhile', () => {
    const left = Array.from({ length: 30 }, (_, index) => index);
    const body = (params: Params, count: number) => {
      if (count > 1) left.splice(0, 2);
      return { data: left.slice(Number(params['offset']), Number(params['offset']) + 10) };
    };
    const { values, asked } = walk({ limit: 10, overlap: 2 }, body);
    const seen = new Set(values.flatMap((page) => (page.body as { data: number[] }).data));
    expect([...seen].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 30 }, (_, index) => index));
    expect(offsets(asked).slice(0, 3)).to.deep.equal([0, 8, 16]);
  });

  it('counts its pages with the overlap', () => {
    for (const [total, overlap] of [
      [25, 0],
      [25, 2],
      [30, 0],
      [28, 1],
      [10, 3],
      [0, 0],
    ] as const) {
      const paginator = offset({ limit: 10, overlap, totalPath: 'total' });
      const { asked } = walk({ limit: 10, overlap, totalPath: 'total' }, (params) => ({
        ...window(total, params),
        total,
      }));
      const answer = { body: { total } } as HttpResponse;
      const pages = paginator.total!(answer, 0, { records: undefined, page: 0 })!;
      expect(Math.max(1, pages), `${total} with ${overlap}`).to.equal(asked.length);
    }
  });

  const wrong: [string, unknown, string][] = [
    ['no limit', {}, 'limit'],
    ['limit 0', { limit: 0 }, 'limit'],
    ['a text as limit', { limit: '10' }, 'limit'],
    ['a negative offset', { limit: 1, offset: -1 }, 'offset'],
    ['a maximum at the start', { limit: 1, offset: 20, maximumOffset: 20 }, 'maximumOffset'],
    ['an overlap of the whole page', { limit: 5, overlap: 5 }, 'overlap'],
    ['both places', { limit: 1, offsetParam: 'a', offsetBodyPath: 'b' }, 'offsetBodyPath'],
    ['an empty name', { limit: 1, offsetParam: '' }, 'offsetParam'],
    ['a path that cannot be read', { limit: 1, totalPath: 'a[' }, 'totalPath'],
    ['no end at all', { limit: 1, stopAfterEmptyPage: false, totalPath: null }, 'stopAfterEmptyPage'],
  ];
  for (const [name, options, option] of wrong)
    it(`refuses ${name} at once`, () => {
      expect(() => offset(options as OffsetOptions))
        .to.throw(OptionError)
        .with.property('option', option);
    });
});

describe('a walk that goes on past empty pages', () => {
  const paginator = offset({ limit: 10, stopAfterEmptyPage: false });
  const walk = (answer: (at: number) => unknown) => {
    const api = fakeApi(({ params }) => answer(Number(params['offset'])));
    return { ...collect(pages(api, '/a', paginator)), asked: api.requests.length };
  };

  it('ends at the total that a page tells, also where empty pages tell none', () => {
    const told = (at: number) => (at === 10 ? { data: [] } : { data: [{ id: at }], total: 35 });
    const seen = walk((at) =>
      at === 10 ? { data: [] } : { data: window(35, { offset: at, limit: 10 }).data, total: 35 },
    );
    expect([seen.error, seen.completed, seen.asked]).to.deep.equal([undefined, true, 4]);
    const last = walk((at) =>
      at < 20 ? { ...told(0), data: window(20, { offset: at, limit: 10 }).data, total: 25 } : undefined,
    );
    expect([last.error, last.completed, last.asked]).to.deep.equal([undefined, true, 3]);
  });

  it('is an error at the first empty page where no page has told a total, instead of a walk without end', () => {
    const { error, asked } = walk((at) => (at < 20 ? window(20, { offset: at, limit: 10 }) : { data: [] }));
    expect(error).to.include({ code: 'ERR_PAGINATION_RESPONSE' });
    expect((error as Error).message)
      .to.include('offset=20')
      .and.include('nothing says where the walk ends');
    expect(asked).to.equal(3);
  });
});

describe('singlePage', () => {
  it('asks once, whatever the page says of others', () => {
    const api = fakeApi(() => ({ data: [1], next: '/a?page=2', has_more: true, total: 100 }));
    const seen = collect(pages(api, { url: '/a', params: { q: 1 } }, singlePage()));
    expect([seen.values.length, seen.completed, api.requests.length]).to.deep.equal([1, true, 1]);
    expect(api.requests[0]!.params).to.deep.equal({ q: 1 });
  });
});
