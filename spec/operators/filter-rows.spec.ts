// filterRows: one to one, also where a page loses all its rows.
import { expect } from 'chai';
import { lastValueFrom, of } from 'rxjs';
import { filterRows } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('filterRows', () => {
  itKeepsPages({
    operator: () => filterRows((row: Project) => row.id === 1),
    input,
    output: { a: rows(0, one), b: rows<Project>(1), c: rows<Project>(2) },
    throwing: (problem) =>
      filterRows(() => {
        throw problem;
      }),
  });

  it('refuses a function that is async, which would keep every row', async () => {
    const chain = of(rows(0, one, two)).pipe(filterRows(async (row: Project) => row.id === 1));
    const error = await lastValueFrom(chain).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'ERR_INVALID_OPTION', option: 'filterRows' });
  });
});
