// The types of a chain: these are checks of the compiler; a wrong one is an error of `tsc`.
import { expect } from 'chai';
import { EMPTY, type Observable } from 'rxjs';
import type { HttpResponse, Page, Row, Rows } from '../../lib/core/index.js';
import {
  countRows,
  filterRows,
  flatMapRows,
  mapRows,
  omit,
  pick,
  rename,
  retry,
  select,
  tapRows,
} from '../../operators/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => undefined;
type Of<O> = O extends Observable<infer T> ? T : never;

interface Project {
  readonly id: number;
  readonly name: string;
  readonly budget: number | null;
}

describe('the types of a chain', () => {
  const source: Observable<Page> = EMPTY;

  it('are inferred from operator to operator', () => {
    const projects = source.pipe(retry({ maxRetries: 3, factor: 2 }), select<Project>('data'));
    same<Of<typeof projects>, Rows<Project>>();

    const bare = source.pipe(select('data'));
    same<Of<typeof bare>, Rows<Row>>();

    const mapped = projects.pipe(mapRows((row) => ({ key: row.id })));
    same<Of<typeof mapped>, Rows<{ key: number }>>();

    const filtered = projects.pipe(filterRows((row) => row.budget !== null));
    same<Of<typeof filtered>, Rows<Project>>();

    const narrowed = projects.pipe(filterRows((row): row is Project & { budget: number } => row.budget !== null));
    same<Of<typeof narrowed>, Rows<Project & { budget: number }>>();

    const flat = projects.pipe(flatMapRows((row) => [row.name]));
    same<Of<typeof flat>, Rows<string>>();

    const looked = projects.pipe(
      tapRows((row) => row.name.length),
      countRows(({ rows }) => rows),
    );
    same<Of<typeof looked>, Rows<Project>>();

    const fewer = projects.pipe(omit('name', 'budget'));
    same<Of<typeof fewer>, Rows<Omit<Project, 'name' | 'budget'>>>();

    const picked = projects.pipe(pick('id'));
    same<Of<typeof picked>, Rows<Pick<Project, 'id'>>>();

    const renamed = projects.pipe(
      rename({ id: 'key' }),
      mapRows((row) => row.key + row.name.length),
    );
    same<Of<typeof renamed>, Rows<number>>();

    const single = (EMPTY as Observable<HttpResponse>).pipe(retry());
    same<Of<typeof single>, HttpResponse>();

    // @ts-expect-error: a column that is not there
    projects.pipe(omit('nome'));
    // @ts-expect-error: rows cannot be retried, only pages
    projects.pipe(retry());
    expect(renamed).to.not.equal(projects);
  });
});
