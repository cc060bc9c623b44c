// Several requests of one walk in flight: order, ends, failures and memory.
import { expect } from 'chai';
import { Subject } from 'rxjs';
import { type HttpResponse, type Page, type Request, type RequestError, withFlow } from '../../lib/core/index.js';
import { type OffsetState, offset, type Paginator, pages } from '../../lib/pages/index.js';
import { collect, failure, fakeApi, fakeFlow, response, window } from './fake-api.js';

const ids = (seen: readonly Page[]) =>
  seen.flatMap((page) => (page.body as { data: { id: number }[] }).data.map((row) => row.id));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('pages: concurrency', () => {
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

  it('lets no slow page stop the others, within twice as many pages', () => {
    const { api, answer } = manual(1000);
    collect(pages(api, '/a', offset({ limit: 10 }), { concurrency: 2 }));
    answer(10);
    answer(20);
    answer(30);
    expect(api.requests.map(({ params }) => params['offset'])).to.deep.equal([0, 10, 20, 30]);
  });

  it('does not wait for room that only the page which it waits for can make', () => {
    const flow = fakeFlow({ pages: 4 });
    const runs = ['/a', '/b'].map((path) => {
      const { api, open, answer } = manual(40);
      const seen = withFlow(flow, () =>
        collect(pages(api, path, offset({ limit: 10, maximumOffset: 40 }), { concurrency: 4 })),
      );
      return { api, open, answer, seen };
    });
    for (const { open, answer } of runs) {
      for (const at of [10, 20, 30]) answer(at);
      open.get(0)!.error(failure());
    }
    const rests = runs.map(({ seen }) => withFlow(flow, () => collect((seen.error as RequestError).resume!())));
    expect(flow.pressure.allows()).to.equal(false);
    for (const { answer } of runs) answer(0);
    for (const rest of rests) expect(ids(rest.values)).to.deep.equal(upTo(40));
    expect(flow.pressure.pages).to.equal(0);
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
    expect(open.get(30)!.observed, 'the page before was not full').to.equal(false);
    answer(15);
    expect(seen.completed).to.equal(true);
    expect(open.get(25)?.observed ?? false).to.equal(false);
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
    const subscription = withFlow(flow, () => pages(api, '/a', offset({ limit: 10 }), { concurrency: 10 }).subscribe());
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
    const jump: Paginator<OffsetState> = {
      ...offset({ limit: 10 }),
      ahead: (state) => Number(state) + 10,
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
