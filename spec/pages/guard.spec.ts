// The guard: walks that would never end, and the names that it knows requests by.
import { expect } from 'chai';
import { OptionError } from '../../lib/core/index.js';
import { Guard } from '../../lib/pages/guard.js';
import { offset, type PagesOptions, PaginationError, type Paginator, pages } from '../../lib/pages/index.js';
import { requestKey, walkKey } from '../../lib/pages/walk-key.js';
import { collect, fakeApi, response, window } from './fake-api.js';

const base = { method: 'GET', url: 'https://api.test/a', params: {}, headers: {} };
const asking = (at: number) => ({ ...base, params: { at } });

function errorOf(
  body: (count: number) => unknown,
  options: PagesOptions = {},
  paginator: Paginator = offset({ limit: 10 }),
) {
  const api = fakeApi((_, count) => body(count));
  const seen = collect(pages(api, '/a', paginator, options));
  return { ...seen, asked: api.requests.length, error: seen.error as PaginationError };
}

describe('the guard of a walk', () => {
  it('ends a walk whose API ignores the parameter, at the first page that is the same', () => {
    const ten = Array.from({ length: 10 }, (_, id) => ({ id }));
    const { error, asked, values } = errorOf(() => ({ data: ten }));
    expect(error).to.be.instanceOf(PaginationError);
    expect(error.code).to.equal('ERR_PAGINATION_LOOP');
    expect([asked, values.length]).to.deep.equal([2, 1]);
    expect(error.message, 'both requests').to.include('offset=0').and.include('offset=10');
    // A page that is not full: two more requests, to find out whether the server leaves records out.
    const short = errorOf(() => ({ data: [{ id: 1 }] }));
    expect([short.error.code, short.asked, short.values.length]).to.deep.equal(['ERR_PAGINATION_LOOP', 4, 1]);
  });

  it('compares records, not what is around them: times, numbers of requests, echoes of the offset', () => {
    const ten = Array.from({ length: 10 }, (_, id) => ({ id }));
    const { error, asked } = errorOf((count) => ({
      data: ten,
      request_id: count,
      at: `12:00:0${count}`,
      offset: count * 10,
    }));
    expect([error.code, asked]).to.deep.equal(['ERR_PAGINATION_LOOP', 2]);
  });

  it('ends a walk whose pages take turns, however many there are', () => {
    for (const circle of [2, 3, 700]) {
      const rows = (count: number) => Array.from({ length: 10 }, (_, id) => ({ id: (count % circle) * 10 + id }));
      const { error, asked } = errorOf((count) => ({ data: rows(count), request: count }));
      expect(error.code).to.equal('ERR_PAGINATION_LOOP');
      expect(asked).to.equal(circle + 1);
      expect(error.message, 'both requests')
        .to.include('offset=0&')
        .and.include(`offset=${circle * 10}&`);
    }
  });

  it('takes pages for different whose records do not tell themselves apart, unless all of them is the same', () => {
    const zeros = Array.from({ length: 10 }, () => ({ value: 0 }));
    expect(errorOf((count) => ({ data: count < 5 ? zeros : [], at: count })).completed).to.equal(true);
    expect(errorOf(() => ({ data: zeros })).error.code).to.equal('ERR_PAGINATION_LOOP');
  });

  it('lets caps win over equal pages that are allowed', () => {
    const same = { data: Array.from({ length: 10 }, (_, id) => ({ id })) };
    const { error } = errorOf(() => same, { allowRepeatedPages: true, maxPages: 5 });
    expect(error.code).to.equal('ERR_PAGINATION_LIMIT');
  });

  it('takes equal pages when told that they are right', () => {
    const { error, completed } = errorOf((count) => ({ data: count < 4 ? [{ id: 1 }] : [] }), {
      allowRepeatedPages: true,
    });
    expect([error, completed]).to.deep.equal([undefined, true]);
  });

  it('takes equal empty pages, and compares a page with the last one that had records', () => {
    const going = offset({ limit: 10, stopAfterEmptyPage: false, maximumOffset: 60 });
    expect(errorOf(() => ({ data: [] }), {}, going).completed).to.equal(true);
    const bodies = [{ data: [1] }, { data: [] }, { data: [1] }];
    expect(errorOf((count) => bodies[count - 1], {}, going).error.code).to.equal('ERR_PAGINATION_LOOP');
  });

  it('ends a walk that asks twice for the same, before it asks', () => {
    const stuck: Paginator<number> = { name: 'stuck', initial: () => 0, request: (request) => request, next: () => 1 };
    const { error, asked } = errorOf((count) => ({ data: [count] }), {}, stuck);
    expect(error.code).to.equal('ERR_PAGINATION_LOOP');
    expect(asked).to.equal(1);
    expect(error.message).to.include('page 1').and.include('page 0').and.include('GET https://api.test/a');
  });

  it('ends a walk whose pages point at each other', () => {
    const circle: Paginator<number> = {
      name: 'circle',
      initial: () => 0,
      request: (request, state) => ({ ...request, params: { at: state } }),
      next: (_, state) => (state + 1) % 3,
    };
    const { error, asked } = errorOf((count) => ({ data: [count] }), {}, circle);
    expect(error.code).to.equal('ERR_PAGINATION_LOOP');
    expect(asked).to.equal(3);
  });

  it('allows maxPages pages and no more', () => {
    const { error, asked, values } = errorOf((count) => window(100, { offset: (count - 1) * 10, limit: 10 }), {
      maxPages: 3,
    });
    expect(error.code).to.equal('ERR_PAGINATION_LIMIT');
    expect([asked, values.length]).to.deep.equal([3, 3]);
    expect(error.message).to.include('offset=20').and.include('offset=30').and.include('maxPages');
    expect(errorOf((count) => window(20, { offset: (count - 1) * 10, limit: 10 }), { maxPages: 3 }).completed).to.equal(
      true,
    );
  });

  it('asks for nothing beyond maxPages ahead', () => {
    const { asked } = errorOf((count) => window(100, { offset: (count - 1) * 10, limit: 10 }), {
      maxPages: 3,
      concurrency: 8,
    });
    expect(asked).to.equal(3);
  });

  it('allows maxBytes bytes and no more', () => {
    const body = (count: number) => ({ data: [{ id: count, text: 'x'.repeat(1000) }] });
    const { error, values } = errorOf(body, { maxBytes: 2500 });
    expect(error.code).to.equal('ERR_PAGINATION_LIMIT');
    expect(values).to.have.length(2);
    expect(error.message).to.include('2500').and.include('offset=2&');
  });

  it('refuses limits that are no positive whole numbers, at once', () => {
    for (const options of [{ maxPages: 0 }, { maxPages: 1.5 }, { maxBytes: -1 }])
      expect(() =>
        pages(
          fakeApi(() => ({})),
          '/a',
          offset({ limit: 1 }),
          options,
        ),
      ).to.throw(OptionError);
  });

  it('notices a loop that is longer than what it remembers exactly', () => {
    const guard = new Guard();
    const loop = 70_000;
    let noticed = 0;
    for (let page = 0; page < 4 * loop && !noticed; page += 1) {
      try {
        guard.request(asking(page % loop), page);
      } catch {
        noticed = page;
      }
    }
    expect(noticed).to.be.within(loop, 3 * loop);
  });

  it('shows no secret parameter in its errors', () => {
    const guard = new Guard();
    const secret = { ...base, url: 'https://me:pw1234@api.test/a?token=abc123', params: { api_key: 'k9k9k9' } };
    guard.request(secret, 0);
    guard.response(response(secret, [1]), 0, [1]);
    expect(() => guard.request(secret, 1))
      .to.throw(PaginationError)
      .with.property('message')
      .that.does.not.match(/abc123|k9k9k9|pw1234/);
  });
});

describe('the names of walks and requests', () => {
  it('are the same however the parameters are written', () => {
    const spellings = [
      { ...base, url: 'https://api.test/a?x=1&y=2' },
      { ...base, params: { y: 2, x: '1' } },
      { ...base, url: 'https://api.test/a?x=0', params: { x: 1, y: 2n } },
      { ...base, url: 'https://api.test/a#top', params: { x: 1, y: 2, z: undefined } },
    ];
    expect(new Set(spellings.map((each) => walkKey(each, 'offset'))).size).to.equal(1);
  });

  it('differ by method, path, parameters, the order of a repeated parameter, and body', () => {
    const different = [
      base,
      { ...base, method: 'POST' },
      { ...base, url: 'https://api.test/b' },
      { ...base, params: { x: 1 } },
      { ...base, params: { x: [1, 2] } },
      { ...base, params: { x: [2, 1] } },
      { ...base, body: { kind: 'json' as const, value: { a: 1 } } },
      { ...base, body: { kind: 'json' as const, value: { a: 2n ** 70n } } },
    ];
    expect(new Set(different.map((each) => walkKey(each, 'offset'))).size).to.equal(different.length);
    expect(new Set(different.map(requestKey)).size).to.equal(different.length);
  });

  it('differ by the paginator, whose states no other understands', () => {
    expect(walkKey(base, 'offset')).to.not.equal(walkKey(base, 'cursor'));
  });

  it('leave secrets out of the name of a walk, but not out of what tells requests apart', () => {
    const one = {
      ...base,
      params: { api_key: 'a' },
      headers: { authorization: 'x' },
      body: { kind: 'json' as const, value: { token: 't1' } },
    };
    const two = {
      ...base,
      params: { api_key: 'b' },
      headers: {},
      body: { kind: 'json' as const, value: { token: 't2' } },
    };
    expect(walkKey(one, 'offset')).to.equal(walkKey(two, 'offset'));
    expect(requestKey(one)).not.to.equal(requestKey(two));
  });

  it('never change: a stored position must be found by a later version', () => {
    expect(walkKey({ ...base, params: { q: 'é' } }, 'offset')).to.equal('J3sena0nQJs_hr72HQPMFR');
  });
});
