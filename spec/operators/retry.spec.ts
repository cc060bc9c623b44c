// retry: marbles for its waits, and that no failure loses or repeats a page.
import { expect } from 'chai';
import fc from 'fast-check';
import { merge, Observable, throwError } from 'rxjs';
import {
  AbortedError,
  type HttpResponse,
  OptionError,
  type Page,
  type RequestError,
  withFlow,
} from '../../lib/core/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { retry } from '../../operators/index.js';
import { collect, failure, fakeApi, fakeFlow, window } from '../pages/fake-api.js';
import { inMarbles, page } from './marbles.js';

const values = { a: page(0, 'a'), b: page(1, 'b'), c: page(2, 'c') };
const ids = (seen: readonly Page[]) =>
  seen.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map((row) => row.id));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A walk of marbles: each text is one run of it, and a `#` in it is a failure that goes on with the next text. */
function runs(
  cold: (marbles: string, values: Record<string, Page>, error: unknown) => Observable<Page>,
  ...texts: string[]
) {
  const make = (index: number): Observable<Page> => {
    const error = failure().with({ resume: () => make(index + 1) });
    return cold(texts[index]!, values, error);
  };
  return make(0);
}

describe('retry', () => {
  describe('of a source that does not fail', () => {
    for (const [name, marbles] of [
      ['stays silent', '-'],
      ['completes', '|'],
      ['passes one page on', '-a|'],
      ['passes many pages on', '-a-(bc)-|'],
    ] as const)
      it(name, () =>
        inMarbles(({ cold, expectObservable }) => {
          expectObservable(cold(marbles, values).pipe(retry())).toBe(marbles, values);
        }),
      );
  });

  it('waits 1 s, 2 s, 4 s, and goes on with the rest of the walk', () =>
    inMarbles(({ cold, expectObservable }) => {
      const source = runs(cold, '-a-#', '#', '#', '-b-c|');
      expectObservable(source.pipe(retry())).toBe('-a- 1s 2s 4s -b-c|', values);
    }));

  it('counts the attempts of each request by itself: a page that arrives starts the count anew', () =>
    inMarbles(({ cold, expectObservable }) => {
      const source = runs(cold, '#', '#', '-a-#', '#', '-b-#', '-c|');
      expectObservable(source.pipe(retry({ maxRetries: 2 }))).toBe('1s 2s -a- 1s 2s -b- 1s -c|', values);
    }));

  it('gives up after maxRetries, with the number of attempts in the error', () =>
    inMarbles(({ cold, expectObservable }) => {
      const source = runs(cold, '#', '#', '#', '#', 'a|');
      const error = failure().with({ attempts: 4 });
      expectObservable(source.pipe(retry({ initialDelay: 10, factor: 1 }))).toBe('30ms #', values, error);
      expect(error.message).to.include('after 4 attempts');
    }));

  it('does not try again at all with maxRetries 0', () =>
    inMarbles(({ cold, expectObservable }) => {
      expectObservable(runs(cold, 'a-#', 'b|').pipe(retry({ maxRetries: 0 }))).toBe('a-#', values, failure());
    }));

  it('never waits longer than maxDelay of its own accord', () =>
    inMarbles(({ cold, expectObservable }) => {
      const source = runs(cold, '#', '#', '#', 'a|');
      expectObservable(source.pipe(retry({ initialDelay: 10, maxDelay: 15 }))).toBe('40ms a|', values);
    }));

  it('waits as long as the server asked for instead, also longer than maxDelay', () =>
    inMarbles(({ cold, expectObservable }) => {
      const second = cold('a|', values);
      const first = cold<Page>('#', {}, failure({ serverWait: 7000 }).with({ resume: () => second }));
      expectObservable(first.pipe(retry({ maxDelay: 100 }))).toBe('7s a|', values);
    }));

  it('waits its own time when the server asks for no wait at all, so that no attempts are wasted', () =>
    inMarbles(({ cold, expectObservable }) => {
      const second = cold('a|', values);
      const first = cold<Page>('#', {}, failure({ serverWait: 0 }).with({ resume: () => second }));
      expectObservable(first.pipe(retry())).toBe('1s a|', values);
    }));

  it('does not wait for a server that asks for more than maxServerWait', () =>
    inMarbles(({ cold, expectObservable }) => {
      const error = failure({ serverWait: 7001 });
      expectObservable(cold<Page>('-#', {}, error).pipe(retry({ maxServerWait: 7000 }))).toBe('-#', {}, error);
    }));

  it('starts no retry later than maxElapsed after the first failure', () =>
    inMarbles(({ cold, expectObservable }) => {
      const source = runs(cold, '#', '#', '#', 'a|');
      const error = failure().with({ attempts: 3 });
      expectObservable(source.pipe(retry({ maxElapsed: 3500, maxRetries: 9 }))).toBe('3s #', values, error);
    }));

  it('asks for nothing more when it is unsubscribed from during a wait', () =>
    inMarbles(({ cold, expectObservable, flush }) => {
      let resumed = 0;
      const error = failure().with({
        resume: () => {
          resumed += 1;
          return cold('a|', values);
        },
      });
      expectObservable(cold<Page>('-#', {}, error).pipe(retry()), '500ms !').toBe('-', values);
      flush();
      expect(resumed).to.equal(0);
    }));

  it('takes a schedule of the caller', () =>
    inMarbles(({ cold, expectObservable }) => {
      const asked: unknown[] = [];
      const delay = (error: RequestError, attempt: number) => {
        asked.push([error.status, attempt]);
        return cold('--x-y');
      };
      expectObservable(runs(cold, '#', '#', 'a|').pipe(retry({ delay }))).toBe('----a|', values);
    }));

  it('errors with what the schedule or the decision of the caller throws', () => {
    const problem = new Error('from the callback');
    const broken = () => {
      throw problem;
    };
    for (const policy of [{ delay: broken }, { when: broken }, { delay: () => throwError(() => problem) }])
      expect(collect(throwError(() => failure()).pipe(retry<HttpResponse>(policy))).error).to.equal(problem);
  });

  describe('of a source that is no walk', () => {
    it('subscribes to it again', () =>
      inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold<Page>('--#', {}, failure());
        expectObservable(source.pipe(retry({ maxRetries: 1, initialDelay: 5 }))).toBe(
          '-- 5ms --#',
          {},
          failure().with({ attempts: 2 }),
        );
        expectSubscriptions(source.subscriptions).toBe(['^-!', '-- 5ms ^-!']);
      }));

    it('lets the error through once it has emitted something: it would come twice', () =>
      inMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('a-#', values, failure()).pipe(retry())).toBe('a-#', values, failure());
      }));
  });

  it('refuses to go on behind operators that hold other walks, since it would lose them', () => {
    const api = fakeApi(({ params }, count) => (count === 2 ? failure() : window(25, params)));
    const both = merge(pages(api, '/a', offset({ limit: 10 })), pages(api, '/b', offset({ limit: 10 })));
    const seen = collect(both.pipe(retry({ initialDelay: 0 })));
    expect(seen.error).to.be.instanceOf(OptionError);
    expect((seen.error as Error).message).to.include('right behind each walk');
  });

  it('starts afresh for a second subscription', () => {
    let fail = true;
    const api = fakeApi(({ params }) => {
      fail = !fail;
      return fail ? window(25, params) : failure();
    });
    const chain = pages(api, '/a', offset({ limit: 10 })).pipe(retry({ maxRetries: 1, initialDelay: 0 }));
    expect(ids(collect(chain).values)).to.deep.equal(upTo(25));
    expect(ids(collect(chain).values)).to.deep.equal(upTo(25));
  });

  it('costs no stack and leaves no subscriber behind, however many retries follow each other at once', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // most of the time of 50,000 errors
    try {
      const failed = new Set<unknown>();
      const api = fakeApi(({ params }) => {
        const at = params['offset'];
        if (failed.has(at)) return window(50_000, params);
        failed.add(at);
        return failure();
      });
      let seen = 0;
      const done = new Promise<void>((resolve, reject) => {
        pages(api, '/a', offset({ limit: 1 }))
          .pipe(retry({ initialDelay: 0 }))
          .subscribe({ next: () => (seen += 1), complete: resolve, error: reject });
      });
      expect(seen).to.equal(50_001);
      return done;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });

  it('brings every page once and in order, with as many requests as pages and failures, however the failures fall', () => {
    const pattern = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(pattern, fc.integer({ min: 1, max: 5 }), (failures, concurrency) => {
        const left = [...failures];
        const api = fakeApi(({ params }) => {
          const number = Number(params['offset']) / 10;
          if (left[number]! > 0) {
            left[number]! -= 1;
            return failure();
          }
          return { ...window(120, params), total: 120 };
        });
        const chain = pages(api, '/a', offset({ limit: 10 }), { concurrency }).pipe(
          retry({ maxRetries: 3, initialDelay: 0 }),
        );
        const seen = collect(chain);
        expect(seen.error).to.equal(undefined);
        expect(ids(seen.values)).to.deep.equal(upTo(120));
        expect(seen.values.map(({ position }) => position.page)).to.deep.equal(upTo(12));
        expect(api.requests).to.have.length(12 + failures.reduce((sum, each) => sum + each, 0));
      }),
    );
  });

  it('counts the attempts of a request also while it was not its turn', () => {
    const asked = new Map<unknown, number>();
    const api = fakeApi(({ params }) => {
      const at = params['offset'];
      asked.set(at, (asked.get(at) ?? 0) + 1);
      return at === 0 && asked.get(at)! > 2 ? window(100, params) : failure();
    });
    const chain = pages(api, '/a', offset({ limit: 10 }), { concurrency: 3 });
    const { error, values } = collect(chain.pipe(retry({ maxRetries: 3, initialDelay: 0 })));
    expect(values).to.have.length(1);
    expect((error as RequestError).attempts).to.equal(4);
    expect(asked.get(10)).to.equal(4);
  });

  it('can be unsubscribed from after a schedule that was over at once', () => {
    let aborted = 0;
    const api = fakeApi((_, count) =>
      count === 1
        ? failure()
        : new Observable(() => () => {
            aborted += 1;
          }),
    );
    pages(api, '/a', offset({ limit: 1 }))
      .pipe(retry({ delay: () => [1] }))
      .subscribe()
      .unsubscribe();
    expect(aborted).to.equal(1);
  });

  describe('in a flow', () => {
    it('reports each retry to the meter', () => {
      const flow = fakeFlow();
      const seen: unknown[] = [];
      flow.meter.events.subscribe(
        (event) => event.type === 'retry' && seen.push([event.attempt, event.wait, event.reason]),
      );
      const api = fakeApi((_, count) => (count < 3 ? failure() : { data: [] }));
      withFlow(flow, () => collect(pages(api, '/a', offset({ limit: 1 })).pipe(retry({ initialDelay: 0 }))));
      expect(seen).to.deep.equal([
        [1, 0, 'answered 503 Service Unavailable'],
        [2, 0, 'answered 503 Service Unavailable'],
      ]);
      expect(flow.meter.counts.retries).to.equal(2);
    });

    it('ends a wait with an AbortedError when the run is stopped', () => {
      const flow = fakeFlow();
      const api = fakeApi(() => failure());
      const seen = withFlow(flow, () =>
        collect(pages(api, '/a', offset({ limit: 1 })).pipe(retry({ initialDelay: 60_000 }))),
      );
      expect(seen.error).to.equal(undefined);
      flow.controller.abort();
      expect(seen.error).to.be.instanceOf(AbortedError);
      expect(api.requests).to.have.length(1);
    });

    it('goes on inside the flow after a wait', async () => {
      const flow = fakeFlow({ pages: 1 });
      flow.pressure.add(1, 1);
      const api = fakeApi((_, count) => (count === 1 ? failure() : { data: [] }));
      flow.pressure.release(1, 1);
      await new Promise<void>((resolve) => {
        withFlow(flow, () =>
          pages(api, '/a', offset({ limit: 1 }))
            .pipe(retry({ initialDelay: 1 }))
            .subscribe({ complete: resolve }),
        );
      });
      expect(flow.meter.counts.pages).to.equal(1);
    });
  });
});
