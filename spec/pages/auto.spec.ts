// auto: what it takes for the only page, what it refuses to guess, and how it asks when it cannot know.
import { expect } from 'chai';
import { of } from 'rxjs';
import { type Params, type Request, withFlow } from '../../lib/core/index.js';
import { auto, PaginationError, pages } from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow, response, WithHeaders } from './fake-api.js';

const rows = (length: number, from = 0) => Array.from({ length }, (_, index) => ({ id: from + index }));

function walk(answer: (params: Params, count: number) => unknown, init: Parameters<typeof pages>[1] = '/a') {
  const api = fakeApi(({ params }, count) => answer(params, count));
  const flow = fakeFlow();
  const seen = withFlow(flow, () => collect(pages(api, init, auto())));
  return {
    ...seen,
    error: seen.error as PaginationError | undefined,
    notes: flow.notes,
    params: api.requests.map(({ params }) => params),
  };
}

describe('auto', () => {
  const single: [string, unknown, string][] = [
    ['nothing tells of more', { data: rows(3) }, 'nothing in the response'],
    ['a bare list', rows(3), '3 records'],
    ['no list at all', { id: 1 }, 'nothing in the response'],
    ['no body', undefined, 'nothing in the response'],
    ['an empty next link', { results: rows(3), next: null, count: 3 }, '"next" is empty'],
    ['a total that is all here', { data: rows(3), total: 3 }, 'all of them are here'],
    ['one page in all', { data: rows(3), total_pages: 1 }, '"total_pages" is 1'],
    ['no more', { data: rows(3), has_more: false }, 'is false'],
    ['a cursor and no more', { data: rows(3), next_cursor: 'x', has_more: false }, 'no more'],
    ['links to other pages only', new WithHeaders(rows(3), { link: '</a?page=1>; rel="prev"' }), 'none to a next one'],
    ['an empty header', new WithHeaders(rows(3), { 'x-next-page': '' }), 'x-next-page is empty'],
    [
      'a range that covers everything',
      new WithHeaders(rows(3), { 'content-range': 'items 0-2/3' }),
      'covers everything',
    ],
  ];
  for (const [name, body, why] of single)
    it(`takes a response for the only page, and says why: ${name}`, () => {
      const { values, completed, notes, params } = walk(() => body);
      expect([values.length, completed, params.length]).to.deep.equal([1, true, 1]);
      expect(notes.join()).to.include('the only page').and.include(why);
    });

  const unknown: [string, unknown, string][] = [
    ['a total beyond the page', { data: rows(10), total: 350 }, '"total" is 350, and the page has 10 records'],
    ['more, and no word how', { data: rows(10), has_more: true }, '"has_more" is true'],
    ['an empty link beside a total beyond the page', { data: rows(10), next: null, count: 350 }, '350'],
    ['a header with a total', new WithHeaders(rows(10), { 'x-total-count': '350' }), 'x-total-count says 350'],
  ];
  for (const [name, body, why] of unknown)
    it(`refuses to guess, and shows the candidates: ${name}`, () => {
      const { error, values } = walk(() => body);
      expect(error).to.be.instanceOf(PaginationError);
      expect(error!.code).to.equal('ERR_PAGINATION_UNKNOWN');
      expect(error!.message)
        .to.include(why)
        .and.include('offset (limit')
        .and.include('page_number')
        .and.include('single_page');
      expect(values).to.have.length(0);
    });

  it('tries the parameters that a cursor may go to, and fails with those it tried', () => {
    const { error, values, params } = walk(() => ({ data: rows(3), next_cursor: 'x' }));
    expect(error!.code).to.equal('ERR_PAGINATION_UNKNOWN');
    expect(error!.message).to.include('with cursor, next_cursor').and.include('the first page came again');
    expect(values).to.have.length(1);
    expect(params.length).to.be.greaterThan(5);
  });

  it('takes nothing for a link or a cursor that a record calls next something', () => {
    const bodies = [
      { id: 1, next_of_kin: '/users/2', next_review: '2026-01-01' },
      { data: { id: 1, next_avatar_url: 'https://api.test/x', tags: [] } },
      { users: { a1: { id: 1, next: '/a?x=1' }, b2: { id: 2, next: '/a?x=2' } } },
      { data: [{ id: 1, next: '/a?x=1', next_cursor: 'x' }] },
    ];
    for (const body of bodies)
      expect(walk(() => body))
        .to.include({ completed: true })
        .and.have.property('params')
        .with.length(1);
  });

  it('goes on where the caller begins in the middle, and ends at the last page', () => {
    const answer = ({ page = 1 }: Params) => ({
      total: 25,
      per_page: 10,
      data: rows(Number(page) < 3 ? 10 : 5, Number(page) * 10),
    });
    for (const first of [1, 2, 3]) {
      const { params, completed } = walk(answer, { url: '/a', params: { page: first } });
      expect([params.map(({ page }) => page), completed]).to.deep.equal([[1, 2, 3].slice(first - 1), true]);
    }
  });

  it('does not end at a total of a search engine that stops to count', () => {
    const answer = ({ from = 0 }: Params) => ({
      hits: { total: { value: 20, relation: 'gte' }, hits: rows(Math.min(10, 35 - Number(from)), Number(from)) },
    });
    const { values, error } = walk(answer, { url: '/a', params: { from: 0, size: 10 } });
    expect([error, values.length]).to.deep.equal([undefined, 5]);
  });

  it('takes a page without records for the end only where the parameter is sure, or all were tried', () => {
    const answer = ({ page, start, cursor }: Params) =>
      cursor !== undefined || page !== undefined
        ? { data: [] }
        : start === 'x'
          ? { data: rows(2, 3), next: null }
          : { data: rows(3), next: 'x' };
    const { values, params } = walk(answer);
    expect(values.map(({ body }) => (body as { data: unknown[] }).data.length)).to.deep.equal([3, 2]);
    expect(params.at(-1)).to.have.property('start', 'x');
    const empty = walk(({ cursor }) => (cursor === 'x' ? { data: [] } : { data: rows(3), next_cursor: 'x' }));
    expect([empty.completed, empty.params.length]).to.deep.equal([true, 2]);
    const all = walk(({ page }) => (page === 'x' ? { data: [] } : { data: rows(3), next: 'x' }));
    expect([all.completed, all.values.length]).to.deep.equal([true, 1]);
  });

  it('compares records that are nested deeper than a function can call itself', () => {
    const deep = (id: number) => {
      let value: unknown = id;
      for (let depth = 0; depth < 100_000; depth += 1) value = [value];
      return value;
    };
    const api = fakeApi(() => undefined);
    const client = {
      ...api,
      send: (request: Request) => {
        const page = Number(request.params['page'] ?? 1);
        const body = { data: [{ id: page, deep: deep(page) }], pages: 2 };
        return of({ ...response(request, undefined), body, text: `page ${page}`, bytes: 6 });
      },
    };
    const seen = collect(pages(client, '/a', auto()));
    expect([seen.error, seen.values.length]).to.deep.equal([undefined, 2]);
  });

  it('tries a parameter first that the caller set', () => {
    const answer = ({ after }: Params) => (after === 'x' ? { data: rows(1, 5) } : { data: rows(3), next_cursor: 'x' });
    const { params, completed, notes } = walk(answer, { url: '/a', params: { after: '' } });
    expect([params.length, completed]).to.deep.equal([2, true]);
    expect(notes.join()).to.include('"after" takes the cursor');
  });

  it('says what asking brought: pages that count from 0, or from 1', () => {
    for (const base of [0, 1]) {
      const answer = ({ page = base }: Params) => ({ data: rows(2, (Number(page) - base) * 2), pages: 3 });
      const { values, notes, completed } = walk(answer);
      expect(values.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map(({ id }) => id))).to.deep.equal(
        [0, 1, 2, 3, 4, 5],
      );
      expect(completed).to.equal(true);
      expect(notes.join()).to.include(`pages count from ${base}`);
    }
  });

  it('compares records, not what is around them', () => {
    const answer = ({ page = 1 }: Params, count: number) => ({
      request: count,
      data: rows(2, (Number(page) - 1) * 2),
      pages: 2,
    });
    expect(walk(answer).values).to.have.length(2);
  });

  it('takes the page number that the caller gave for the first', () => {
    const answer = ({ page }: Params) => ({ data: rows(2, Number(page) * 2), totalPages: 2 });
    const { params } = walk(answer, { url: '/a', params: { page: 1 } });
    expect(params).to.deep.equal([{ page: 1 }, { page: 2 }]);
  });

  it('is one object for any number of walks at once', () => {
    const paginator = auto();
    const links = fakeApi((_, count) => ({ data: [count], next: count < 3 ? `/a?page=${count}` : null }));
    const cursors = fakeApi((_, count) => ({ data: [count], next_cursor: count < 4 ? count : null }));
    const first = pages(links, '/a', paginator);
    const second = pages(cursors, '/b', paginator);
    expect([collect(first).values.length, collect(second).values.length, links.requests.length]).to.deep.equal([
      3, 4, 3,
    ]);
  });
});
