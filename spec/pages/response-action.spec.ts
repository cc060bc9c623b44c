// Response actions: what ends a walk, what is left out, what is tried again, what fails, and what is rewritten.
import { expect } from 'chai';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import {
  type HttpResponse,
  OptionError,
  type Page,
  type Request,
  RequestError,
  withFlow,
} from '../../lib/core/index.js';
import { jsonLink, offset, PaginationError, pages, type ResponseAction } from '../../lib/pages/index.js';
import { retry } from '../../operators/index.js';
import { collect, failure, fakeApi, fakeFlow, response, WithHeaders, window } from './fake-api.js';

const ids = (seen: readonly Page[]) =>
  seen.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map((row) => row.id));
const init = { method: 'GET', params: {}, headers: {} };
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const notFound = failure({
  status: 404,
  reason: 'answered 404 Not Found',
  transient: false,
  bodyStart: '{"error":"no such page"}',
});

/** An API of 25 records whose second page is something else. */
function walk(second: unknown, ...actions: ResponseAction[]) {
  const api = fakeApi(({ params }, count) => (count === 2 ? second : window(25, params)));
  const seen = collect(pages(api, '/a', offset({ limit: 10 }), { actions }).pipe(retry({ initialDelay: 0 })));
  return { ...seen, requests: api.requests.length };
}

const refresh: ResponseAction[] = [
  { status: 403, action: 'refresh' },
  { content: 'token expired', action: 'refresh' },
];

/** An API that is told which of its tokens it was asked with: 0 is the first. */
function renewable(answer: (request: Request, token: number) => unknown) {
  let token = 0;
  const api = fakeApi((request) => answer(request, token));
  api.renew = () => {
    token += 1;
  };
  return { api, renewed: () => token };
}

describe('response actions', () => {
  it('ignore ends the walk with the pages before', () => {
    for (const action of [{ status: 404 }, { content: 'no such page' }, { status: 404, content: 'no such' }]) {
      const { values, completed, requests } = walk(notFound, { ...action, action: 'ignore' });
      expect([ids(values), completed, requests]).to.deep.equal([upTo(10), true, 2]);
    }
  });

  it('take effect only when all conditions are met', () => {
    const { error } = walk(notFound, { status: 404, content: 'something else', action: 'ignore' });
    expect((error as RequestError).status).to.equal(404);
  });

  it('the first that matches counts', () => {
    const { completed, values } = walk(
      notFound,
      { status: 500, action: 'fail' },
      { status: 404, action: 'skip' },
      { status: 404, action: 'ignore' },
    );
    expect([completed, values.length]).to.deep.equal([true, 3]);
  });

  it('skip leaves the page out and goes on with the next', () => {
    const { values, completed } = walk(notFound, { status: 404, action: 'skip' });
    expect(ids(values)).to.deep.equal([...upTo(10), 20, 21, 22, 23, 24]);
    expect(completed).to.equal(true);
    const ok = walk({ data: [{ id: -1 }], note: 'broken' }, { content: 'broken', action: 'skip' });
    expect(ids(ok.values)).to.deep.equal([...upTo(10), 20, 21, 22, 23, 24]);
  });

  it('skip does not take a page without records for the end', () => {
    const { values } = walk({ data: [], note: 'busy' }, { content: 'busy', action: 'skip' });
    expect(ids(values)).to.deep.equal([...upTo(10), 20, 21, 22, 23, 24]);
  });

  it('skip ends clearly where the API answers so for ever', () => {
    for (const answer of [notFound, { data: [], note: 'no such page' }]) {
      const api = fakeApi((_, count) => (count === 1 ? window(10, {}) : answer));
      const actions: ResponseAction[] = [{ content: 'no such page', action: 'skip' }];
      const { error, values } = collect(pages(api, '/a', offset({ limit: 10 }), { actions, concurrency: 3 }));
      expect((error as PaginationError).code).to.equal('ERR_PAGINATION_LIMIT');
      expect((error as PaginationError).message).to.include('ignore');
      expect(values).to.have.length(1);
      expect(api.requests.length).to.be.below(110);
    }
  });

  it('skip fails clearly where only the page itself says what comes after it', () => {
    const api = fakeApi((_, count) => (count === 2 ? notFound : { data: [], next: `/a?page=${count}` }));
    const { error } = collect(pages(api, '/a', jsonLink(), { actions: [{ status: 404, action: 'skip' }] }));
    expect(error).to.be.instanceOf(PaginationError);
    expect((error as Error).message)
      .to.include('cannot be skipped')
      .and.include('json_link');
  });

  it('retry makes a failure of an answer with status 200', () => {
    const { values, requests, completed } = walk({ error: 'try later' }, { content: 'try later', action: 'retry' });
    expect([ids(values), requests, completed]).to.deep.equal([upTo(25), 5, true]);
  });

  it('retry tries again what would not be tried again, as often as the policy says', () => {
    expect(ids(walk(notFound, { status: 404, action: 'retry' }).values)).to.deep.equal(upTo(25));
    const api = fakeApi(() => notFound);
    const { error } = collect(
      pages(api, '/a', offset({ limit: 10 }), { actions: [{ status: 404, action: 'retry' }] }).pipe(
        retry({ initialDelay: 0, maxRetries: 2 }),
      ),
    );
    expect([(error as RequestError).attempts, api.requests.length]).to.deep.equal([3, 3]);
  });

  it('retry waits as long as the answer asks for', () => {
    const limited = new WithHeaders({ error: 'slow down' }, { 'retry-after': '7' });
    const api = fakeApi(() => limited);
    const { error } = collect(
      pages(api, '/a', offset({ limit: 10 }), { actions: [{ content: 'slow', action: 'retry' }] }),
    );
    expect((error as RequestError).serverWait).to.equal(7000);
    expect((error as RequestError).transient).to.equal(true);
  });

  it('refresh renews the credentials and makes the request once more, for a failure and for an answer', () => {
    const expired = [failure({ status: 403, transient: false }), { error: 'token expired' }];
    for (const answer of expired) {
      const { api, renewed } = renewable(({ params }, token) =>
        Number(params['offset']) > 0 && token === 0 ? answer : window(25, params),
      );
      const flow = fakeFlow();
      const seen = withFlow(flow, () => collect(pages(api, '/a', offset({ limit: 10 }), { actions: refresh })));
      expect([ids(seen.values), seen.completed]).to.deep.equal([upTo(25), true]);
      expect([renewed(), api.requests.length]).to.deep.equal([1, 5]);
      expect(flow.notes.join()).to.include('offset=10').and.include('renewed credentials');
    }
  });

  it('refresh fails at the second refusal of one request, which is not tried again', () => {
    for (const answer of [failure({ status: 403, transient: true }), { error: 'token expired' }]) {
      const { api, renewed } = renewable(() => answer);
      const actions = refresh.map((action) => ({ ...action, message: 'Sign in again.' }));
      const { error } = collect(
        pages(api, '/a', offset({ limit: 10 }), { actions }).pipe(retry({ initialDelay: 0, maxRetries: 3 })),
      );
      expect(error).to.be.instanceOf(RequestError);
      expect((error as RequestError).transient).to.equal(false);
      expect((error as Error).message).to.include('Sign in again.');
      expect([renewed(), api.requests.length]).to.deep.equal([1, 2]);
    }
  });

  it('refresh counts for each request: credentials may run out several times in one walk', () => {
    let left = 2;
    const { api, renewed } = renewable(({ params }) => {
      if (left === 0) {
        left = 2;
        return failure({ status: 403, transient: false });
      }
      left -= 1;
      return window(45, params);
    });
    const { values, completed } = collect(pages(api, '/a', offset({ limit: 10 }), { actions: refresh }));
    expect([ids(values), completed, renewed()]).to.deep.equal([upTo(45), true, 2]);
  });

  it('refresh renews once for requests that were in flight together', async () => {
    const { api, renewed } = renewable(({ params }, token) =>
      from(Promise.resolve()).pipe(
        map(() => {
          if (token === 0) throw failure({ status: 403, transient: false });
          return response({ ...init, url: 'https://api.test/a' }, window(25, params));
        }),
      ),
    );
    const seen = await lastValueFrom(
      pages(api, '/a', offset({ limit: 10 }), { actions: refresh, concurrency: 3 }).pipe(toArray()),
    );
    expect([ids(seen), renewed()]).to.deep.equal([upTo(25), 1]);
  });

  it('refresh makes the request once more where the client has nothing to renew', () => {
    const { values } = walk(failure({ status: 403, transient: false }), ...refresh);
    expect(ids(values)).to.deep.equal(upTo(25));
  });

  it('fail ends the walk with the message, also for an answer with status 200, and is not tried again', () => {
    const { error, requests } = walk(
      { error: 'quota' },
      { content: 'quota', action: 'fail', message: 'Ask for a larger quota.' },
    );
    expect(error).to.be.instanceOf(RequestError);
    expect((error as Error).message)
      .to.include('answered 200')
      .and.include('quota')
      .and.include('Ask for a larger quota.');
    expect(requests).to.equal(2);
    const unavailable = walk(failure(), { status: 503, action: 'fail' });
    expect([(unavailable.error as RequestError).status, unavailable.requests]).to.deep.equal([503, 2]);
  });

  it('a function puts another response in place, for failures too, before anything else looks at it', () => {
    const rewrite = (response: HttpResponse): HttpResponse => ({
      ...response,
      status: 200,
      body: { data: [{ id: 99 }] },
      text: 'rewritten',
    });
    const { values, completed } = walk(notFound, { status: 404, action: rewrite });
    expect(ids(values)).to.deep.equal([...upTo(10), 99, 20, 21, 22, 23, 24]);
    expect(completed).to.equal(true);
  });

  it('see all of the body of a failure, where the client gives it', () => {
    const body = { text: 'x'.repeat(2000), error: 'at the end', data: [{ id: 7 }] };
    const long = notFound.with({ response: response({ ...init, url: 'https://api.test/a' }, body, { status: 404 }) });
    const accept = (answer: HttpResponse): HttpResponse => ({ ...answer, status: 200 });
    const { values, completed } = walk(long, { content: 'at the end', action: accept });
    expect([ids(values), completed]).to.deep.equal([[...upTo(10), 7, 20, 21, 22, 23, 24], true]);
  });

  it('a function that gives nothing changes nothing, and sees each response once', () => {
    const seen: number[] = [];
    const look = (response: HttpResponse) => {
      seen.push(response.status);
      return undefined;
    };
    const { values } = walk(failure(), { action: look });
    expect(ids(values)).to.deep.equal(upTo(25));
    expect(seen).to.deep.equal([200, 503, 200, 200, 200]);
  });

  it('a rewritten response is what later actions see', () => {
    const rewrite = (response: HttpResponse) => ({ ...response, status: 410 });
    const { values, completed } = walk(notFound, { status: 404, action: rewrite }, { status: 410, action: 'ignore' });
    expect([ids(values), completed]).to.deep.equal([upTo(10), true]);
  });

  it('leave a request that got no answer alone', () => {
    const cut = new RequestError({
      code: 'ERR_HTTP_CONNECTION',
      method: 'GET',
      url: 'x',
      reason: 'reset',
      transient: false,
    });
    const { error } = walk(cut, { when: ({ status }) => status !== 200, action: 'ignore' });
    expect((error as RequestError).code).to.equal('ERR_HTTP_CONNECTION');
  });

  it('what a condition or a function throws ends the walk', () => {
    const problem = new Error('from the callback');
    const broken = () => {
      throw problem;
    };
    expect(walk({ data: [] }, { action: broken }).error).to.equal(problem);
    expect(walk({ data: [] }, { when: broken, action: 'skip' }).error).to.equal(problem);
  });

  const wrong: [string, unknown, string][] = [
    ['an action that is not known', { status: 404, action: 'ignor' }, 'actions[0].action'],
    ['no status', { status: 4040, action: 'ignore' }, 'actions[0].status'],
    ['no condition at all', { action: 'ignore' }, 'actions[0]'],
  ];
  for (const [name, action, option] of wrong)
    it(`refuse ${name} at once`, () => {
      expect(() =>
        pages(
          fakeApi(() => ({})),
          '/a',
          offset({ limit: 1 }),
          { actions: [action as ResponseAction] },
        ),
      )
        .to.throw(OptionError)
        .with.property('option', option);
    });
});
