// The policy of retry: which failures are tried again, after how long, and which options are refused.
import { expect } from 'chai';
import { throwError } from 'rxjs';
import { type HttpResponse, OptionError, RequestError, withFlow } from '../../lib/core/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { type RetryPolicy, retry } from '../../operators/index.js';
import { collect, failure, fakeApi, fakeFlow } from '../pages/fake-api.js';

describe('the policy of retry', () => {
  describe('jitter', () => {
    function wait(policy: RetryPolicy): number {
      let waited = 0;
      const flow = fakeFlow();
      flow.meter.events.subscribe((event) => {
        // A wait of no time at all is over at once, and the next one may be longer.
        if (event.type === 'retry' && event.attempt === 1) waited = event.wait;
      });
      withFlow(flow, () =>
        throwError(() => failure())
          .pipe(retry<HttpResponse>(policy))
          .subscribe({ error: () => undefined }),
      ).unsubscribe();
      return waited;
    }
    const spread = (policy: RetryPolicy) => Array.from({ length: 300 }, () => wait(policy));

    it('none is always the same', () => {
      expect(new Set(spread({ initialDelay: 800 }))).to.deep.equal(new Set([800]));
    });

    it('full is anything from 0 to the wait', () => {
      const waits = spread({ initialDelay: 800, jitter: 'full' });
      expect(Math.min(...waits)).to.be.within(0, 200);
      expect(Math.max(...waits)).to.be.within(600, 800);
    });

    it('equal is anything from half of the wait to all of it', () => {
      const waits = spread({ initialDelay: 800, jitter: 'equal' });
      expect(Math.min(...waits)).to.be.within(400, 500);
      expect(Math.max(...waits)).to.be.within(700, 800);
    });
  });

  it('waits also where the wait is more than a timer can wait', async () => {
    for (const [policy, serverWait] of [
      [{ initialDelay: 3e9, maxDelay: 3e9 }, undefined],
      [{ maxServerWait: Number.POSITIVE_INFINITY }, 3e9],
    ] as const) {
      const api = fakeApi(() => failure(serverWait === undefined ? {} : { serverWait }));
      const waiting = api.send(api.prepare('/a')).pipe(retry(policy)).subscribe();
      await new Promise((resolve) => setTimeout(resolve, 20));
      waiting.unsubscribe();
      expect(api.requests, JSON.stringify(policy)).to.have.length(1);
    }
  });

  describe('what is tried again', () => {
    const tried = (error: Error, policy: RetryPolicy = {}) => {
      let attempts = 0;
      const api = fakeApi(() => {
        attempts += 1;
        return error;
      });
      collect(api.send(api.prepare('/a')).pipe(retry({ maxRetries: 1, initialDelay: 0, ...policy })));
      return attempts === 2;
    };

    it('is what passes by itself', () => {
      expect(tried(failure())).to.equal(true);
      expect(tried(failure({ transient: false, status: 404 }))).to.equal(false);
      expect(tried(new Error('no request error'))).to.equal(false);
    });

    it('is decided by statuses, for failures that have one', () => {
      expect(tried(failure({ status: 404, transient: false }), { statuses: [404] })).to.equal(true);
      expect(tried(failure({ status: 503 }), { statuses: [429] })).to.equal(false);
      expect(tried(failure({ code: 'ERR_HTTP_TIMEOUT' }), { statuses: [429] })).to.equal(true);
    });

    it('is decided by when, before everything else', () => {
      expect(tried(failure({ status: 404, transient: false }), { when: (error) => error.status === 404 })).to.equal(
        true,
      );
      expect(tried(failure(), { when: () => false })).to.equal(false);
      const response = { status: 404, text: 'try later' } as HttpResponse;
      const late = failure({ status: 404, transient: false }).with({ response });
      expect(tried(late, { when: (_, answer) => answer?.text === 'try later' })).to.equal(true);
    });

    it('is no POST that the server may have carried out, unless asked', () => {
      const post = { method: 'POST', status: 500 };
      expect(tried(failure(post))).to.equal(false);
      expect(tried(failure(post), { retryNonIdempotent: true })).to.equal(true);
      expect(tried(failure({ ...post, method: 'PUT' }))).to.equal(true);
    });

    it('is a POST that the server did not carry out', () => {
      expect(tried(failure({ method: 'POST', status: 429 }))).to.equal(true);
      expect(tried(failure({ method: 'POST', status: 503 }))).to.equal(true);
      const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      const { status: _, ...unanswered } = failure({ method: 'POST', code: 'ERR_HTTP_CONNECTION' });
      expect(
        tried(
          new RequestError({
            ...unanswered,
            code: 'ERR_HTTP_CONNECTION',
            method: 'POST',
            url: 'x',
            reason: 'refused',
            transient: true,
            cause: refused,
          }),
        ),
      ).to.equal(true);
    });

    it('is a POST of a walk, which is a search, unless forbidden', () => {
      const api = fakeApi((_, count) => (count === 1 ? failure({ method: 'POST', status: 500 }) : { data: [] }));
      const walk = pages(api, { url: '/a', method: 'POST' }, offset({ limit: 1 }));
      expect(collect(walk.pipe(retry({ initialDelay: 0 }))).completed).to.equal(true);
      const again = fakeApi(() => failure({ method: 'POST', status: 500 }));
      collect(
        pages(again, { url: '/a', method: 'POST' }, offset({ limit: 1 })).pipe(
          retry({ initialDelay: 0, retryNonIdempotent: false }),
        ),
      );
      expect(again.requests).to.have.length(1);
    });
  });

  const wrong: [RetryPolicy, string][] = [
    [{ maxRetries: -1 }, 'maxRetries'],
    [{ initialDelay: Number.NaN }, 'initialDelay'],
    [{ factor: 0.5 }, 'factor'],
    [{ maxDelay: -1 }, 'maxDelay'],
    [{ maxElapsed: -1 }, 'maxElapsed'],
    [{ jitter: 'some' as 'none' }, 'jitter'],
    [{ statuses: [1000] }, 'statuses'],
  ];
  for (const [policy, option] of wrong)
    it(`refuses ${JSON.stringify(policy)} at once`, () => {
      expect(() => retry(policy))
        .to.throw(OptionError)
        .with.property('option', option);
    });
});
