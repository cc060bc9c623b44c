// flatMapRows: none, one or many rows from one.
import { flatMapRows } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('flatMapRows', () => {
  itKeepsPages({
    operator: () => flatMapRows((row: Project) => Array.from({ length: row.id - 1 }, () => row.name)),
    input,
    output: { a: rows(0, 'two'), b: rows<string>(1), c: rows(2, 'two') },
    throwing: (problem) =>
      flatMapRows(() => {
        throw problem;
      }),
  });

  describe('with a generator', () => {
    itKeepsPages({
      operator: () =>
        flatMapRows(function* (row: Project) {
          yield row.id;
          yield -row.id;
        }),
      input,
      output: { a: rows(0, 1, -1, 2, -2), b: rows<number>(1), c: rows(2, 2, -2) },
    });
  });
});
