// What every operator of this folder must do, as marbles: one contract, run for each.
import { expect } from 'chai';
import type { OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Page, Position, Rows } from '../../lib/core/index.js';

export function inMarbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected);
  }).run(run);
}

export const at = (page: number): Position => ({ walk: 'w', page, next: page + 1 });

export function rows<T>(page: number, ...list: readonly T[]): Rows<T> {
  return { rows: list, position: at(page), bytes: 100 + page };
}

export function page(number: number, body: unknown): Page {
  const text = body === undefined ? '' : JSON.stringify(body);
  const request = { method: 'GET', url: 'https://api.test/a', params: {}, headers: {} };
  return { request, url: request.url, status: 200, headers: {}, body, text, bytes: 100 + number, position: at(number) };
}

export interface OperatorCase<In, Out> {
  readonly operator: () => OperatorFunction<In, Out>;
  /** The values `a`, `b` and `c`: what comes, and what must become of it. `b` has no records. */
  readonly input: { readonly a: In; readonly b: In; readonly c: In };
  readonly output: { readonly a: Out; readonly b: Out; readonly c: Out };
  /** The operator with a callback that throws `problem`, where it takes one. */
  readonly throwing?: (problem: Error) => OperatorFunction<In, Out>;
}

/** Runs the contract: pages one to one, in the same frame, empty pages too; errors, teardown and second subscriptions. */
export function itKeepsPages<In, Out>({ operator, input, output, throwing }: OperatorCase<In, Out>): void {
  const cases: [string, string, string][] = [
    ['stays silent when the source does', '-', '-'],
    ['completes with an empty source', '|', '|'],
    ['takes one page', 'a|', 'a|'],
    ['takes many pages, each in its own moment, empty ones too', '-a-(bc)--c-|', '-a-(bc)--c-|'],
    ['passes on the error of the source', '-a-#', '-a-#'],
  ];
  for (const [name, source, expected] of cases)
    it(name, () =>
      inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const from = cold(source, input);
        expectObservable(from.pipe(operator())).toBe(expected, output);
        const end = source.search(/[|#]/);
        expectSubscriptions(from.subscriptions).toBe(
          end < 0 ? '^' : `^${'-'.repeat(Math.max(0, end - 1))}${end === 0 ? '' : '!'}`.replace(/^\^$/, '(^!)'),
        );
      }),
    );

  it('ends its subscription when it is unsubscribed from', () =>
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const from = cold('-a-b-c-|', input);
      expectObservable(from.pipe(operator()), '----!').toBe('-a-b-', output);
      expectSubscriptions(from.subscriptions).toBe('^---!');
    }));

  it('starts afresh for a second subscription', () =>
    inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const from = cold('a-b|', input);
      const result = from.pipe(operator());
      expectObservable(result).toBe('a-b|', output);
      expectObservable(result, '-----^').toBe('-----a-b|', output);
      expectSubscriptions(from.subscriptions).toBe(['^--!', '-----^--!']);
    }));

  if (throwing)
    it('errors with what its callback throws, and leaves the source', () =>
      inMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const problem = new Error('from the callback');
        const from = cold('--a-c|', input);
        expectObservable(from.pipe(throwing(problem))).toBe('--#', undefined, problem);
        expectSubscriptions(from.subscriptions).toBe('^-!');
      }));
}
