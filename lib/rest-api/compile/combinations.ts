// Each row of one parent with each row of the others, as they come: whatever their order, every combination is made once.

import { Observable } from 'rxjs';
import { DigestMap } from '../../core/index.js';
import type { Batch } from './each-unit.js';
import { hashOf } from './hash.js';
import type { ParentItem } from './parent-items.js';

/**
 * Of each parent the items are kept: what is needed of its rows, once for those that are the same. None of the parents is held back, since
 * they may depend on each other. An item that lacks something is passed on alone.
 */
export function combinations(
  parents: readonly Observable<readonly ParentItem[]>[],
): Observable<Batch<readonly ParentItem[]>> {
  return new Observable((subscriber) => {
    const lists: ParentItem[][] = parents.map(() => []);
    let open = parents.length;
    for (const [index, parent] of parents.entries()) {
      const known = new DigestMap();
      const isNew = ({ values }: ParentItem) => {
        const key = hashOf(values);
        if (known.has(key)) return false;
        known.set(key, 0);
        return true;
      };
      subscriber.add(
        parent.subscribe({
          next: (items) => {
            const faulty = items.filter(({ fault }) => fault !== undefined);
            const fresh = items.filter((item) => item.fault === undefined && isNew(item));
            // Those of the others that come later are combined with these when they come.
            const sides = lists.map((list, other) =>
              other === index ? { list: fresh, length: fresh.length } : { list, length: list.length },
            );
            lists[index]!.push(...fresh);
            subscriber.next({ units: chained(faulty, product(sides)) });
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            open -= 1;
            if (open === 0) subscriber.complete();
          },
        }),
      );
    }
  });
}

interface Side {
  readonly list: readonly ParentItem[];
  readonly length: number;
}

function* chained(
  faulty: readonly ParentItem[],
  rest: Iterable<readonly ParentItem[]>,
): Generator<readonly ParentItem[]> {
  for (const item of faulty) yield [item];
  yield* rest;
}

function* product([first, ...rest]: readonly Side[]): Generator<readonly ParentItem[]> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (let at = 0; at < first.length; at += 1) {
    for (const others of product(rest)) yield [first.list[at]!, ...others];
  }
}
