// countRows: one to one, and its counts.
import { expect } from 'chai';
import { of } from 'rxjs';
import { countRows, type RowCount } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('countRows', () => {
  itKeepsPages({
    operator: () => countRows<Project>(() => undefined),
    input,
    output: input,
    throwing: (problem) =>
      countRows(() => {
        throw problem;
      }),
  });

  it('counts pages and rows, anew for each subscription', () => {
    const seen: RowCount[] = [];
    const counted = of(input.a, input.b, input.c).pipe(countRows((count) => seen.push(count)));
    counted.subscribe();
    counted.subscribe();
    const once = [
      { pages: 1, rows: 2 },
      { pages: 2, rows: 2 },
      { pages: 3, rows: 3 },
    ];
    expect(seen).to.deep.equal([...once, ...once]);
  });
});
