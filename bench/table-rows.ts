// Rows as a parser leaves them, in pages, as many as wanted, made of a hundred thousand different ones.
import { Observable } from 'rxjs';
import { currentFlow, type Rows } from '../lib/core/index.js';

export type Project = Readonly<Record<string, unknown>>;

const different = 100_000;

/** A row of ten columns and about 310 bytes of JSON, as a project tracker has them. */
function project(id: number): Project {
  return {
    id,
    name: `Project ${id} – ${['Atlas', 'Borealis', 'Cygnus', 'Dorado'][id % 4]}`,
    status: ['open', 'closed', 'paused'][id % 3],
    owner: { id: id % 977, name: `Owner ${id % 977}`, email: `owner${id % 977}@example.com` },
    tags: [`tag-${id % 7}`, `tag-${id % 11}`],
    budget: Math.round(id * 1234.567) / 100,
    progress: id % 101,
    archived: id % 13 === 0 ? null : id % 2 === 0,
    created_at: new Date(1_600_000_000_000 + id * 61_000).toISOString(),
    description: `What number ${id} is about: ${'lorem ipsum '.repeat(4 + (id % 4))}`,
  };
}

export function preparedPages(pageSize: number): readonly (readonly Project[])[] {
  return Array.from({ length: Math.ceil(different / pageSize) }, (_, page) =>
    Array.from({ length: pageSize }, (_, index) => project(page * pageSize + index)),
  );
}

/** Pages of such rows, one after the other, as fast as the sink has room for them. */
export function pagesOfRows(rows: number, pageSize: number): Observable<Rows<Project>> {
  const prepared = preparedPages(pageSize);
  return new Observable((subscriber) => {
    const flow = currentFlow()!;
    const count = Math.ceil(rows / pageSize);
    let page = 0;
    const emit = (): void => {
      while (page < count && flow.pressure.allows()) {
        const next = page + 1 < count ? page + 1 : null;
        const position = { walk: 'rows', page, next };
        page += 1;
        subscriber.next({ rows: prepared[position.page % prepared.length]!, position, bytes: 310 * pageSize });
      }
      if (page < count) flow.pressure.onRoom(emit);
      else subscriber.complete();
    };
    emit();
  });
}
