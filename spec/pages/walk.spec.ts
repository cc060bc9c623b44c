// The walk: order, stack, teardown, and how it goes on after a failed request.
import { expect } from 'chai';
import { NEVER, Observable, take } from 'rxjs';
import { OptionError, type Page, type Position, RequestError } from '../../lib/core/index.js';
import { offset, PaginationError, type Paginator, pages, singlePage } from '../../lib/pages/index.js';
import { collect, failure, fakeApi, window } from './fake-api.js';

const ids = (seen: readonly Page[]) =>
  seen.flatMap((page) => (page.body as { data: { id: number }[] }).data.map((row) => row.id));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('pages: the walk', () => {
  it('emits every page in order, each with its position, and completes', () => {
    const api = fakeApi(({ params }) => window(30, params));
    const seen = collect(pages(api, '/a', offset({ limit: 10 })));
    expect(ids(seen.values)).to.deep.equal(upTo(30));
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

  it('starts behind a position that it gave out, which may have been JSON meanwhile', () => {
    const walk = (from?: Position) => {
      const api = fakeApi(({ params }) => window(25, params));
      return { api, ...collect(pages(api, '/a', offset({ limit: 10 }), from && { from })) };
    };
    for (const [index, { position }] of walk().values.entries()) {
      const rest = walk(JSON.parse(JSON.stringify(position)) as Position);
      expect(ids(rest.values)).to.deep.equal(upTo(25).slice((index + 1) * 10));
      expect(rest.values.map(({ position: { page } }) => page)).to.deep.equal([1, 2, 3].slice(index));
      expect(rest.api.requests).to.have.length(3 - index);
      expect(rest.completed).to.equal(true);
    }
  });

  it('refuses the position of another walk', () => {
    const api = fakeApi(({ params }) => window(25, params));
    const [{ position }] = collect(pages(api, '/b', offset({ limit: 10 }))).values as [Page];
    const { error } = collect(pages(api, '/a', offset({ limit: 10 }), { from: position }));
    expect(error).to.be.instanceOf(OptionError).and.include({ option: 'from' });
    expect(String(error)).to.include('/a by offset');
  });

  it('fails where the server refuses the position that it starts behind, rather than begin anew', () => {
    const api = fakeApi(({ params }, count) =>
      count > 1 ? failure({ code: 'ERR_HTTP_STATUS', status: 410, transient: false }) : window(25, params),
    );
    const [first] = collect(pages(api, '/a', offset({ limit: 10 })).pipe(take(1))).values as [Page];
    const rest = collect(pages(api, '/a', offset({ limit: 10 }), { from: first.position }));
    expect(rest.error).to.include({ status: 410 });
    expect(rest.values).to.deep.equal([]);
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
    const broken: Paginator = {
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
