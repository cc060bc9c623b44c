import { expect } from 'chai';
import { NEVER, Observable, Subject, take } from 'rxjs';
import {
  AbortedError,
  type HttpResponse,
  type Page,
  type Position,
  type Request,
  RequestError,
  withFlow,
} from '../../lib/core/index.js';
import { offset, PaginationError, type Paginator, pages, singlePage } from '../../lib/pages/index.js';
import { collect, failure, fakeApi, fakeFlow, response, window } from './fake-api.js';

const ids = (seen: readonly Page[]) =>
  seen.flatMap((page) => (page.body as { data: { id: number }[] }).data.map((row) => row.id));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('pages: the walk', () => {
  it('emits every page in order, each with its position, and completes', () => {
    const api = fakeApi(({ params }) => window(25, params));
    const seen = collect(pages(api, '/a', offset({ limit: 10 })));
    expect(ids(seen.values)).to.deep.equal(upTo(25));
    expect(seen.values.map(({ position }) => [position.page, position.next])).to.deep.equal([
      [0, 10],
      [1, 20],
      [2, 30],
      [3, null],
    ]);
    expect(seen.completed).to.equal(true);
  });

  it('is cold: it asks for nothing before it is subscribed to, and walks anew for each subscription', () => {
    const api = fakeApi(({ params }) => window(25, params));
    const walk = pages(api, '/a', offset({ limit: 10 }));
    expect(api.requests).to.have.length(0);
    collect(walk);
    const second = collect(walk);
    expect(ids(second.values)).to.deep.equal(upTo(25));
    expect(api.requests).to.have.length(8);
  });

  it('needs no stack for 50,000 pages that are answered at once', () => {
    const api = fakeApi(({ params }) => window(50_000, params));
    let seen = 0;
    let completed = false;
    pages(api, '/a', offset({ limit: 1 })).subscribe({
      next: () => {
        seen += 1;
      },
      complete: () => {
        completed = true;
      },
    });
    expect(seen).to.equal(50_001);
    expect(completed).to.equal(true);
  });

  it('asks for no further page once it is unsubscribed from inside next', () => {
    const api = fakeApi(({ params }) => window(100, params));
    const seen = collect(pages(api, '/a', offset({ limit: 10 })).pipe(take(2)));
    expect(seen.values).to.have.length(2);
    expect(api.requests).to.have.length(2);
  });

  it('aborts the request in flight when it is unsubscribed from', () => {
    let aborted = 0;
    const api = fakeApi(
      () =>
        new Observable(() => () => {
          aborted += 1;
        }),
    );
    const subscription = pages(api, '/a', singlePage()).subscribe();
    expect(aborted).to.equal(0);
    subscription.unsubscribe();
    expect(aborted).to.equal(1);
  });

  it('passes an error of the client that is no RequestError through as it is', () => {
    const problem = new Error('boom');
    const seen = collect(
      pages(
        fakeApi(() => problem),
        '/a',
        singlePage(),
      ),
    );
    expect(seen.error).to.equal(problem);
  });

  it('passes on what a paginator throws', () => {
    const broken: Paginator<number> = {
      ...offset({ limit: 1 }),
      next: () => {
        throw new TypeError('no');
      },
    };
    expect(
      collect(
        pages(
          fakeApi(() => ({ data: [1] })),
          '/a',
          broken,
        ),
      ).error,
    ).to.be.instanceOf(TypeError);
  });

  it('ends with an error when the client completes without a response, rather than wait for ever', () => {
    const seen = collect(
      pages(
        fakeApi(() => new Observable((subscriber) => subscriber.complete())),
        '/a',
        singlePage(),
      ),
    );
    expect(seen.error).to.be.instanceOf(PaginationError);
  });

  describe('resume', () => {
    it('is the rest of the walk from the failed request on, page numbers going on', () => {
      const api = fakeApi(({ params }, count) => (count === 2 ? failure() : window(25, params)));
      const first = collect(pages(api, '/a', offset({ limit: 10 })));
      expect(first.values).to.have.length(1);
      const error = first.error as RequestError;
      expect(error).to.be.instanceOf(RequestError);
      const rest = error.resume!();
      expect(api.requests, 'cold').to.have.length(2);
      const second = collect(rest);
      expect(ids([...first.values, ...second.values])).to.deep.equal(upTo(25));
      expect(second.values.map(({ position }) => position.page)).to.deep.equal([1, 2, 3]);
      expect(second.completed).to.equal(true);
    });

    it('keeps what the guard remembers', () => {
      const states = ['a', 'b', 'a'];
      const circle: Paginator<number> = {
        name: 'circle',
        initial: () => 0,
        request: (base, state) => ({ ...base, params: { at: states[state]! } }),
        next: (_, state) => state + 1,
      };
      const api = fakeApi((request, count) =>
        count === 2 ? failure() : { data: [{ request: count, at: request.params['at'] }] },
      );
      const first = collect(pages(api, '/a', circle));
      const second = collect((first.error as RequestError).resume!());
      expect((second.error as PaginationError).code).to.equal('ERR_PAGINATION_LOOP');
      expect(api.requests).to.have.length(3);
    });

    it('says which walk it belongs to', () => {
      const walk = pages(
        fakeApi(() => failure()),
        '/a',
        singlePage(),
      );
      expect((collect(walk).error as RequestError).walk).to.equal(walk);
    });
  });

  describe('in a flow', () => {
    it('asks for the next page only when the sink has room, and goes on when it makes room', () => {
      const flow = fakeFlow({ pages: 2 });
      const api = fakeApi(({ params }) => window(100, params));
      const held: Page[] = [];
      withFlow(flow, () =>
        pages(api, '/a', offset({ limit: 10 })).subscribe((page) => {
          held.push(page);
          flow.pressure.add(1, page.bytes);
        }),
      );
      expect(api.requests).to.have.length(2);
      flow.pressure.release(1, held[0]!.bytes);
      expect(api.requests).to.have.length(3);
      flow.pressure.release(2, held[1]!.bytes + held[2]!.bytes);
      expect(api.requests).to.have.length(5);
    });

    it('leaves the queue for room when it is unsubscribed from', () => {
      const flow = fakeFlow({ pages: 1 });
      flow.pressure.add(1, 10);
      const api = fakeApi(() => ({ data: [] }));
      withFlow(flow, () => pages(api, '/a', singlePage()).subscribe()).unsubscribe();
      flow.pressure.release(1, 10);
      expect(api.requests).to.have.length(0);
    });

    it('starts after the saved position, and numbers its pages on', () => {
      const api = fakeApi(({ params }) => window(25, params));
      const walk = pages(api, '/a', offset({ limit: 10 }));
      const saved = collect(walk).values[0]!.position;
      const flow = fakeFlow({ saved: [saved] });
      const seen = withFlow(flow, () => collect(walk));
      expect(ids(seen.values)).to.deep.equal([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
      expect(seen.values.map(({ position }) => position.page)).to.deep.equal([1, 2, 3]);
      expect(flow.notes.join()).to.include('goes on after page 0');
    });

    it('completes at once when the saved position is the last', () => {
      const api = fakeApi(({ params }) => window(25, params));
      const walk = pages(api, '/a', offset({ limit: 10 }));
      const saved = collect(walk).values.at(-1)!.position;
      const before = api.requests.length;
      const seen = withFlow(fakeFlow({ saved: [saved] }), () => collect(walk));
      expect(seen.completed).to.equal(true);
      expect(api.requests).to.have.length(before);
    });

    it('ignores the position of another walk', () => {
      const api = fakeApi(({ params }) => window(5, params));
      const other: Position = { walk: 'another', page: 3, next: 100 };
      const seen = withFlow(fakeFlow({ saved: [other] }), () => collect(pages(api, '/a', offset({ limit: 10 }))));
      expect(ids(seen.values)).to.deep.equal(upTo(5));
    });

    it('reports each page to the meter, with the number of pages when the API tells', () => {
      const flow = fakeFlow();
      const totals: unknown[] = [];
      flow.meter.events.subscribe((event) => event.type === 'page' && totals.push(event.total));
      const api = fakeApi(({ params }) => ({ ...window(25, params), total: 25 }));
      withFlow(flow, () => collect(pages(api, '/a', offset({ limit: 10 }))));
      expect(totals).to.deep.equal([3, 3, 3]);
      expect(flow.meter.counts.pages).to.equal(3);
    });

    it('ends with an AbortedError when the run is stopped, and aborts the request in flight', () => {
      const flow = fakeFlow();
      let aborted = false;
      const api = fakeApi(
        () =>
          new Observable(() => () => {
            aborted = true;
          }),
      );
      const seen = withFlow(flow, () => collect(pages(api, '/a', singlePage())));
      flow.controller.abort();
      expect(seen.error).to.be.instanceOf(AbortedError);
      expect(aborted).to.equal(true);
    });

    it('asks for nothing in a run that was stopped before', () => {
      const flow = fakeFlow();
      flow.controller.abort();
      const api = fakeApi(() => ({}));
      const seen = withFlow(flow, () => collect(pages(api, '/a', singlePage())));
      expect(seen.error).to.be.instanceOf(AbortedError);
      expect(api.requests).to.have.length(0);
    });
  });

  describe('concurrency', () => {
    /** Answers when told to. */
    function manual(count: number) {
      const open = new Map<number, Subject<HttpResponse>>();
      const api = fakeApi((request: Request) => {
        const answer = new Subject<HttpResponse>();
        open.set(Number(request.params['offset']), answer);
        return answer;
      });
      const answer = (at: number, total?: number) => {
        const subject = open.get(at)!;
        const request = api.requests.find(({ params }) => params['offset'] === at)!;
        subject.next(response(request, { ...window(count, request.params), ...(total !== undefined && { total }) }));
        subject.complete();
      };
      return { api, open, answer };
    }

    it('keeps that many requests in flight and emits in order', () => {
      const { api, answer } = manual(1000);
      const seen = collect(pages(api, '/a', offset({ limit: 10 }), { concurrency: 3 }));
      expect(api.requests.map(({ params }) => params['offset'])).to.deep.equal([0, 10, 20]);
      answer(20);
      answer(10);
      expect(seen.values).to.have.length(0);
      answer(0);
      expect(ids(seen.values)).to.deep.equal(upTo(30));
      expect(api.requests.map(({ params }) => params['offset'])).to.deep.equal([0, 10, 20, 30, 40, 50]);
    });

    it('asks for nothing beyond the total, once a page has told it', () => {
      const { api, answer } = manual(45);
      const seen = collect(pages(api, '/a', offset({ limit: 10 }), { concurrency: 2 }));
      for (const at of [0, 10, 20, 30, 40]) answer(at, 45);
      expect(seen.completed).to.equal(true);
      expect(api.requests).to.have.length(5);
    });

    it('aborts what is in flight beyond the end when the end is seen', () => {
      const { api, open, answer } = manual(15);
      const seen = collect(pages(api, '/a', offset({ limit: 10 }), { concurrency: 4 }));
      answer(0);
      answer(10);
      answer(20);
      expect(seen.completed).to.equal(true);
      expect(open.get(30)!.observed).to.equal(false);
    });

    it('lets the others come home when one fails, and asks in the rest of the walk only for what failed', () => {
      const { api, open, answer } = manual(40);
      const seen = collect(pages(api, '/a', offset({ limit: 10, maximumOffset: 40 }), { concurrency: 4 }));
      open.get(10)!.error(failure());
      answer(0);
      answer(30);
      expect(seen.error, 'one is still in flight').to.equal(undefined);
      answer(20);
      const rest = collect((seen.error as RequestError).resume!());
      expect(api.requests.slice(4).map(({ params }) => params['offset'])).to.deep.equal([10]);
      answer(10);
      open.get(10)!.complete();
      expect(api.requests).to.have.length(5);
      expect(ids([...seen.values, ...rest.values])).to.deep.equal(upTo(40));
      expect(rest.completed).to.equal(true);
    });

    it('counts pages that wait for their turn as pressure, and takes them back', () => {
      const flow = fakeFlow({ pages: 4 });
      const { api, answer } = manual(1000);
      const subscription = withFlow(flow, () =>
        pages(api, '/a', offset({ limit: 10 }), { concurrency: 10 }).subscribe(),
      );
      expect(api.requests, 'high water').to.have.length(4);
      answer(10);
      answer(20);
      expect(flow.pressure.pages).to.equal(2);
      expect(api.requests).to.have.length(4);
      answer(0);
      expect(flow.pressure.pages).to.equal(0);
      expect(api.requests).to.have.length(7);
      answer(50);
      expect(flow.pressure.pages).to.equal(1);
      subscription.unsubscribe();
      expect([flow.pressure.pages, flow.pressure.bytes]).to.deep.equal([0, 0]);
    });

    it('drops pages asked for ahead when a page says that another one is next', () => {
      const jump: Paginator<number> = {
        ...offset({ limit: 10 }),
        ahead: (state) => state + 10,
        next: (_, state) => (state === 0 ? 50 : null),
      };
      const { api, answer } = manual(100);
      const seen = collect(pages(api, '/a', jump, { concurrency: 3 }));
      answer(10);
      answer(0);
      answer(50);
      expect(ids(seen.values)).to.deep.equal([...upTo(10), 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
      expect(seen.values.map(({ position }) => position.page)).to.deep.equal([0, 1]);
      expect(seen.completed).to.equal(true);
    });
  });

  it('never ends and never fails while the client does neither', () => {
    const seen = collect(
      pages(
        fakeApi(() => NEVER),
        '/a',
        singlePage(),
      ),
    );
    expect(seen).to.deep.equal({ values: [], error: undefined, completed: false });
  });
});
