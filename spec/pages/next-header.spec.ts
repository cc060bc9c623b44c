// Next pages that stand in a header other than Link, and pages that are suspiciously full: nothing is lost in silence.
import { expect } from 'chai';
import { OptionError, type Request, withFlow } from '../../lib/core/index.js';
import { auto, headerLink, PaginationError, type Paginator, pages } from '../../lib/pages/index.js';
import { all, count, next, number, part, post, query, size } from './api-style.js';
import { collect, fakeApi, fakeFlow, WithHeaders } from './fake-api.js';

type Init = Parameters<typeof pages>[1];

/** An API that names the next page in a header, by what `value` makes of its offset. */
function walk(name: string, value: (after: number) => string, paginator: Paginator = auto(), init: Init = '/a?n=1') {
  const api = fakeApi((request) => {
    const asked = query(request);
    const page = asked.get('p') ?? asked.get('page');
    const at = page === null ? number(asked.get('at')) : (Number(page) - 1) * size;
    const after = next(at);
    return new WithHeaders({ data: part(at) }, after === undefined ? {} : { [name]: value(after) });
  });
  const flow = fakeFlow();
  const seen = withFlow(flow, () => collect(pages(api, init, paginator)));
  const records = seen.values.flatMap(({ body }) => (body as { data: unknown[] }).data);
  return { ...seen, records, notes: flow.notes.join('\n'), requests: api.requests, error: seen.error as Error };
}

const absolute = (after: number) => `https://api.test/a?n=1&at=${after}`;
const pageOf = (after: number) => String(after / size + 1);

describe('a header that names the next page', () => {
  const links: [string, string, (after: number) => string][] = [
    ['an absolute link', 'next-page', absolute],
    ['an absolute link with X-', 'x-next-link', absolute],
    ['a link relative to the page', 'x-next-url', (after) => `/a?at=${after}`],
    ['only parameters', 'x-pagination-next', (after) => `?at=${after}`],
    ['a link as in the header Link', 'x-next', (after) => `<${absolute(after)}>; rel="next"`],
  ];
  for (const [what, name, value] of links)
    it(`is followed by auto: ${what} in ${name}`, () => {
      const { records, completed, notes, requests } = walk(name, value);
      expect([records, completed, requests.length]).to.deep.equal([all, true, 3]);
      expect(notes).to.include('header_link').and.include(`the header ${name}`);
    });

  it('is followed by auto to a page number, in the parameter that the caller uses for it', () => {
    for (const name of ['x-next-page', 'next-page', 'next']) {
      expect(walk(name, pageOf).records).to.deep.equal(all);
      for (const init of ['/a?p=1', { url: '/a', params: { p: 1 } }]) {
        const { records, requests } = walk(name, pageOf, auto(), init);
        expect([records, requests.at(-1)?.params['p']]).to.deep.equal([all, '3']);
      }
    }
  });

  it('is not followed by auto to another server, which is an error and no end', () => {
    for (const link of ['https://other.test/a?at=10', '//other.test/a', 'http://api.test/a?at=10']) {
      const { error, values, requests } = walk('next-page', () => link);
      expect(error).to.include({ code: 'ERR_PAGINATION_UNKNOWN' });
      expect(error.message).to.include('another server').and.include('header_link with header "next-page"');
      expect([values.length, requests.length]).to.deep.equal([0, 1]);
    }
  });

  it('is an error where nothing says which parameter takes its value', () => {
    const { error } = walk('x-next-marker', (after) => `m${after}`);
    expect(error).to.include({ code: 'ERR_PAGINATION_UNKNOWN' });
    expect(error.message).to.include('x-next-marker').and.include('header_cursor (cursorKey, cursorParam)');
  });

  it('is not seen in headers that tell of something else', () => {
    for (const name of ['x-next-cache-tags', 'x-ratelimit-next', 'x-nextjs-page', 'x-next-retry'])
      expect(walk(name, pageOf)).to.include({ completed: true }).and.have.property('requests').with.length(1);
  });

  it('is what headerLink follows: its value is the address, or links with a rel', () => {
    expect(walk('next-page', absolute, headerLink({ header: 'Next-Page' })).records).to.deep.equal(all);
    const named = headerLink({ header: 'X-Links', linksNextKey: 'following' });
    expect(walk('x-links', (after) => `<?at=${after}>; rel=following`, named).records).to.deep.equal(all);
    expect(walk('x-links', (after) => `<?at=${after}>; rel=last`, named).records).to.deep.equal(part(0));
    expect(() => headerLink({ header: '' }))
      .to.throw(OptionError)
      .with.property('option', 'header');
  });
});

describe('a page exactly as full as the request asks', () => {
  const asking: [string, Init][] = [
    ...['limit', '_limit', 'per_page', 'page_size', 'pageSize', '$top', 'maxResults', 'page[size]'].map(
      (name): [string, Init] => [name, { url: '/a', params: { [name]: size } }],
    ),
    ['_limit in the URL', `/a?_limit=${size}`],
    ['a limit in the body', post({ page: { limit: size } })],
    ['a limit in a form', { url: '/a', method: 'POST', body: { kind: 'form', value: [['limit', String(size)]] } }],
  ];
  const ask = (init: Init, answer: (request: Request) => unknown) => collect(pages(fakeApi(answer), init, auto()));

  for (const [name, init] of asking)
    it(`is not taken for the only page: ${name}`, () => {
      const { error, values } = ask(init, () => part(0));
      expect(error).to.be.instanceOf(PaginationError).and.include({ code: 'ERR_PAGINATION_UNKNOWN' });
      expect((error as Error).message)
        .to.include(`all of the ${size} records`)
        .and.include('offset (limit')
        .and.include('single_page');
      expect(values).to.have.length(0);
    });

  it('is the only page where it says so', () => {
    const init = { url: '/a', params: { limit: size } };
    const last = [{ total: size }, { has_more: false }, { next: null }].map((end) => ({ data: part(0), ...end }));
    const total = new WithHeaders(part(0), { 'x-total-count': String(size) });
    for (const body of [...last, total]) expect(ask(init, () => body)).to.include({ completed: true });
  });

  it('is another thing than a page with fewer records, or than a parameter that is no limit', () => {
    expect(ask({ url: '/a', params: { limit: count } }, () => part(0))).to.include({ completed: true });
    expect(ask({ url: '/a', params: { project: size } }, () => part(0))).to.include({ completed: true });
    expect(ask({ url: '/a', params: { limit: 0 } }, () => [])).to.include({ completed: true });
  });
});
