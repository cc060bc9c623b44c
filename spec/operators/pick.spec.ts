// pick: columns kept.
import { expect } from 'chai';
import { of } from 'rxjs';
import { pick } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('pick', () => {
  itKeepsPages({
    operator: () => pick<Project, 'name'>('name'),
    input,
    output: { a: rows(0, { name: 'one' }, { name: 'two' }), b: rows<{ name: string }>(1), c: rows(2, { name: 'two' }) },
  });

  it('leaves out what a row does not have, and nothing that it inherits', () => {
    let out: readonly object[] = [];
    of(rows<{ id?: number; toString?: unknown }>(0, {}, { id: 1 }))
      .pipe(pick('toString', 'id'))
      .subscribe((page) => {
        out = page.rows;
      });
    expect(out).to.deep.equal([{}, { id: 1 }]);
  });
});
