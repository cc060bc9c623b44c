// mapRows: one to one.
import { expect } from 'chai';
import { of } from 'rxjs';
import { mapRows } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('mapRows', () => {
  itKeepsPages({
    operator: () => mapRows((row: Project) => ({ key: row.id })),
    input,
    output: { a: rows(0, { key: 1 }, { key: 2 }), b: rows<{ key: number }>(1), c: rows(2, { key: 2 }) },
    throwing: (problem) =>
      mapRows(() => {
        throw problem;
      }),
  });

  it('tells the index of a row in its page', () => {
    const seen: number[][] = [];
    of(input.a, input.c)
      .pipe(mapRows((row, index) => [row.id, index]))
      .subscribe((page) => seen.push(...page.rows));
    expect(seen).to.deep.equal([
      [1, 0],
      [2, 1],
      [2, 0],
    ]);
  });
});
