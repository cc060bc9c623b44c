// Compiles a resource's plan into the public operators: whatever a configuration can say, a chain can say.
import { type MonoTypeOperatorFunction, map, Observable, takeWhile } from 'rxjs';
import { mapRows, retry, select } from '../../../operators/index.js';
import type { Flow, Json, Position, Row, Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { pages } from '../../pages/index.js';
import type { Cursor } from '../incremental/cursor.js';
import type { ResourcePlan } from '../plan/plan.js';
import type { FilledRequest } from '../plan/request-template.js';
import { flowWith, inFlow } from './own-flow.js';
import { compilePaginator } from './paginator.js';
import type { Selection } from './selection.js';

/** What a resource is compiled with. */
export interface ChainOptions {
  readonly plan: ResourcePlan;
  readonly client: HttpClient;
  readonly cursor: Cursor | undefined;
  /** Told of each page. */
  readonly selection: Selection;
  /** What is done with each row. */
  readonly steps: MonoTypeOperatorFunction<Rows<Row>>;
  /** The resource's own flow; `undefined` without a sink. */
  readonly own: Flow | undefined;
}

/** One walk of a resource. */
export interface WalkOptions {
  readonly request: FilledRequest;
  /** Tells it from other walks with the same request. */
  readonly key: string;
  /** What each row gets from its parent. */
  readonly included?: Row;
}

/** The rows that one request and those that follow it bring. Cold: each subscription asks anew. */
export function compileWalk(
  { plan, client, cursor, selection, steps, own }: ChainOptions,
  { request, key, included }: WalkOptions,
): Observable<Rows<Row>> {
  const { dataSelector: records, retry: policy } = plan;
  // Of a child, the concurrency is that of its parent's rows: each walk asks for one page after the other.
  const options = plan.parent ? { ...plan.pages, concurrency: 1 } : plan.pages;
  const rows = pages(client, request, compilePaginator(plan.paginator), {
    ...options,
    ...(records !== undefined && { records }),
  }).pipe(retry(policy), selection.watch(), select(records), include(included), steps);
  return storedAs(rows, { key, cursor, own });
}

function include(included: Row | undefined): MonoTypeOperatorFunction<Rows<Row>> {
  if (included === undefined || Object.keys(included).length === 0) return (rows) => rows;
  return mapRows((row) => ({ ...row, ...included }));
}

/**
 * Stores the walk's positions under its key, and with each of them how far the cursor had come: a run that goes on from a position knows
 * what the pages before it held.
 */
function storedAs(
  rows: Observable<Rows<Row>>,
  { key, cursor, own }: { readonly key: string; readonly cursor: Cursor | undefined; readonly own: Flow | undefined },
): Observable<Rows<Row>> {
  const name = (walk: string) => `${key}.${walk}`;
  return new Observable<Rows<Row>>((subscriber) => {
    let tracker = cursor?.track();
    const saved = (walk: string): Position | undefined => {
      const position = own?.saved(name(walk));
      if (position === undefined || cursor === undefined) return position;
      const { next, reached } = position.next as { readonly next: Json; readonly reached: Json };
      tracker = cursor.track(reached);
      return { ...position, next };
    };
    const through = rows.pipe(
      map((chunk) => {
        const { position } = chunk;
        const taken = tracker?.take(chunk.rows);
        const next = tracker ? { next: position.next, reached: tracker.state } : position.next;
        const stored = {
          ...chunk,
          rows: taken?.rows ?? chunk.rows,
          position: { ...position, walk: name(position.walk), next },
        };
        return { stored, isPast: taken?.isPast ?? false };
      }),
      takeWhile(({ isPast }) => !isPast, true),
      map(({ stored }) => stored),
    );
    const forget = (walk: string): void => {
      tracker = cursor?.track();
      own?.forget?.(name(walk));
    };
    return inFlow(own && flowWith(own, { saved, forget }), () => through.subscribe(subscriber));
  });
}
