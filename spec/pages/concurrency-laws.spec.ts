// Laws of a walk with several requests in flight: whatever the order of the answers, the failures and the pace of the sink.
import { expect } from 'chai';
import fc from 'fast-check';
import { delay, map, mergeMap, of, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type Request, withFlow } from '../../lib/core/index.js';
import { offset, type Paginator, pageNumber, pages } from '../../lib/pages/index.js';
import { retry } from '../../operators/index.js';
import { collect, failure, fakeApi, fakeFlow, response, window } from './fake-api.js';

const length = 15;
const arbitrary = fc.record({
  /** How long each answer takes, and how often it is a failure first. */
  answers: fc.array(fc.record({ wait: fc.nat(20), failures: fc.nat(3) }), {
    minLength: length + 40,
    maxLength: length + 40,
  }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  highWater: fc.integer({ min: 1, max: 6 }),
  /** How long the sink takes for a page. */
  pace: fc.nat(30),
  total: fc.boolean(),
});

describe('pages: the laws of concurrency', () => {
  it('every page once, in order; no request twice; never more in flight or ahead than allowed; nothing left behind', () => {
    fc.assert(
      fc.property(arbitrary, ({ answers, concurrency, highWater, pace, total }) => {
        new TestScheduler(() => undefined).run(({ flush }) => {
          const left = answers.map(({ failures }) => failures);
          const asked = new Map<number, number>();
          let inFlight = 0;
          const api = fakeApi((request) => {
            const number = Math.ceil(Number(request.params['offset']) / 10);
            asked.set(number, (asked.get(number) ?? 0) + 1);
            inFlight += 1;
            expect(inFlight).to.be.at.most(concurrency);
            const fails = number < length && left[number]! > 0;
            if (fails) left[number]! -= 1;
            const body = { ...window(length * 10 - 5, request.params), ...(total && { total: length * 10 - 5 }) };
            return timer(answers[number]!.wait).pipe(
              map(() => {
                inFlight -= 1;
                return response(request, body);
              }),
              mergeMap((answer) => (fails ? throwError(() => failure()) : of(answer))),
            );
          });
          const flow = fakeFlow({ pages: highWater });
          const seen: number[] = [];
          let completed = false;
          withFlow(flow, () =>
            pages(api, '/a', offset({ limit: 10 }), { concurrency })
              .pipe(retry({ initialDelay: 5 }))
              .subscribe({
                next: ({ position, bytes }) => {
                  seen.push(position.page);
                  flow.pressure.add(1, bytes);
                  // Pages on their way to the sink, those that it has, and at most one that others wait for.
                  expect(flow.pressure.pages).to.be.at.most(highWater + concurrency);
                  of(0)
                    .pipe(delay(pace))
                    .subscribe(() => flow.pressure.release(1, bytes));
                },
                complete: () => {
                  completed = true;
                },
              }),
          );
          flush();
          expect(completed).to.equal(true);
          const count = total ? length : length + 1;
          expect(seen).to.deep.equal(Array.from({ length: count }, (_, index) => index));
          for (let page = 0; page < length; page += 1) expect(asked.get(page)).to.equal(1 + answers[page]!.failures);
          expect([flow.pressure.pages, flow.pressure.bytes]).to.deep.equal([0, 0]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('no request beyond the end once an answer has told it, unless a sequential walk makes it too', () => {
    const cases = fc.record({
      waits: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 60, maxLength: 60 }),
      concurrency: fc.integer({ min: 2, max: 8 }),
      rows: fc.integer({ min: 0, max: 120 }),
      byPage: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ waits, concurrency, rows, byPage }) => {
        const placeOf = ({ params }: Request) => (byPage ? Number(params['page']) * 10 : Number(params['offset']));
        const paginator: Paginator = byPage ? pageNumber() : (offset({ limit: 10 }) as Paginator);
        const sequential = fakeApi((request) => window(rows, { offset: placeOf(request), limit: 10 }));
        collect(pages(sequential, '/a', paginator));
        const needed = new Set(sequential.requests.map(placeOf));
        new TestScheduler(() => undefined).run(({ flush }) => {
          let isSeen = false;
          const late: number[] = [];
          const api = fakeApi((request, count) => {
            const place = placeOf(request);
            if (isSeen && !needed.has(place)) late.push(place);
            return timer(waits[count % waits.length]!).pipe(
              map(() => {
                isSeen ||= place >= rows;
                return response(request, window(rows, { offset: place, limit: 10 }));
              }),
            );
          });
          const seen = collect(pages(api, '/a', paginator, { concurrency }));
          flush();
          expect([seen.completed, late]).to.deep.equal([true, []]);
        });
      }),
      { numRuns: 100 },
    );
  });
});
