// omit: columns left out.
import { omit } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('omit', () => {
  itKeepsPages({
    operator: () => omit<Project, 'id'>('id'),
    input,
    output: { a: rows(0, { name: 'one' }, { name: 'two' }), b: rows<{ name: string }>(1), c: rows(2, { name: 'two' }) },
  });
});
