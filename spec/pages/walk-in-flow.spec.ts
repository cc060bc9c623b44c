// The walk below a sink: pressure, saved positions, the meter, and being stopped.
import { expect } from 'chai';
import { Observable } from 'rxjs';
import { AbortedError, type Page, type Position, withFlow } from '../../lib/core/index.js';
import { offset, pages, singlePage } from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow, window } from './fake-api.js';

const ids = (seen: readonly Page[]) =>
  seen.flatMap((page) => (page.body as { data: { id: number }[] }).data.map((row) => row.id));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('pages: the walk in a flow', () => {
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
