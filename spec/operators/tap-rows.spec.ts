// tapRows: one look at each row.
import { expect } from 'chai';
import { of } from 'rxjs';
import { tapRows } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('tapRows', () => {
  itKeepsPages({
    operator: () => tapRows<Project>(() => undefined),
    input,
    output: input,
    throwing: (problem) =>
      tapRows(() => {
        throw problem;
      }),
  });

  it('shows every row once, in order, before its page goes on', () => {
    const seen: unknown[] = [];
    of(input.a, input.b, input.c)
      .pipe(tapRows((row, index) => seen.push([row.id, index])))
      .subscribe((page) => seen.push(`page ${page.position.page}`));
    expect(seen).to.deep.equal([[1, 0], [2, 1], 'page 0', 'page 1', [2, 0], 'page 2']);
  });
});
