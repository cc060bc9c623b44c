// Compiles a resource's plan into the public operators: whatever a configuration can say, a chain can say.
import { type MonoTypeOperatorFunction, map, Observable, takeWhile, tap } from 'rxjs';
import { mapRows, retry, select } from '../../../operators/index.js';
import { type Flow, isPristine, type Json, type Position, type Row, type Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { pages } from '../../pages/index.js';
import type { CursorRange } from '../incremental/cursor-range.js';
import type { Cursors } from '../incremental/cursors.js';
import type { ResourcePlan } from '../plan/plan.js';
import type { FilledRequest } from '../plan/request-template.js';
import { flowWith, inFlow } from './own-flow.js';
import { PageFacts } from './page-facts.js';
import { compilePaginator } from './paginator.js';
import type { LineageRows } from './parent-items.js';
import type { Selection } from './selection.js';

/** What a resource is compiled with. */
export interface ChainOptions {
  readonly plan: ResourcePlan;
  readonly client: HttpClient;
  readonly cursors: Cursors | undefined;
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
  /** The rows above, of those resources that somebody further down needs. */
  readonly above?: ReadonlyMap<string, Row>;
  /** What of the cursor's range it reads. */
  readonly range: CursorRange | undefined;
}

/** The rows that one request and those that follow it bring. Cold: each subscription asks anew. */
export function compileWalk(
  { plan, client, selection, steps, own }: ChainOptions,
  { request, key, included, above, range }: WalkOptions,
): Observable<Rows<Row>> {
  const { dataSelector: records, retry: policy } = plan;
  // Of a child, and of slices, the concurrency is that of the walks: each asks for one page after the other.
  const options = plan.parents || plan.incremental?.window ? { ...plan.pages, concurrency: 1 } : plan.pages;
  const facts = new PageFacts(plan.incremental?.cursorFrom ?? 'rows');
  const rows = pages(client, request, compilePaginator(plan.paginator), {
    ...options,
    ...(records !== undefined && { records }),
  }).pipe(retry(policy), selection.watch(), facts.note(), select(records), include(included), steps);
  return withAbove(storedAs(believable(rows), { key, range, facts, selection, own }), above);
}

/** The rows, with the text that they stand in only where it is sure to be theirs still: whatever passes them on can rely on that. */
function believable(rows: Observable<Rows<Row>>): Observable<Rows<Row>> {
  return isPristine(rows) ? rows : rows.pipe(map(({ raw: _, ...chunk }) => chunk));
}

function include(included: Row | undefined): MonoTypeOperatorFunction<Rows<Row>> {
  if (included === undefined || Object.keys(included).length === 0) return (rows) => rows;
  return mapRows((row) => ({ ...row, ...included }));
}

/** The rows, and with them those above that they came from. */
function withAbove(rows: Observable<Rows<Row>>, above: ReadonlyMap<string, Row> | undefined): Observable<Rows<Row>> {
  if (above === undefined || above.size === 0) return rows;
  return rows.pipe(map((chunk): LineageRows => ({ ...chunk, above })));
}

interface StoredOptions {
  readonly key: string;
  readonly range: CursorRange | undefined;
  readonly facts: PageFacts;
  readonly selection: Selection;
  readonly own: Flow | undefined;
}

/**
 * Stores the walk's positions under its key, and with each of them how far the cursor had come: a run that goes on from a position knows
 * what the pages before it held.
 */
function storedAs(
  rows: Observable<Rows<Row>>,
  { key, range, facts, selection, own }: StoredOptions,
): Observable<Rows<Row>> {
  const name = (walk: string) => `${key}.${walk}`;
  return new Observable<Rows<Row>>((subscriber) => {
    let tracker = range?.track();
    const saved = (walk: string): Position | undefined => {
      const position = own?.saved(name(walk));
      if (position !== undefined) selection.goesOn();
      if (position === undefined || range === undefined) return position;
      const { next, reached } = position.next as { readonly next: Json; readonly reached: Json };
      tracker = range.track(reached);
      return { ...position, next };
    };
    const through = rows.pipe(
      map((chunk) => {
        const { position, raw, ...page } = chunk;
        const taken = tracker?.take(chunk.rows, facts.of(position.page));
        const next = tracker ? { next: position.next, reached: tracker.state } : position.next;
        const { rows: kept = chunk.rows } = taken ?? {};
        const stored = {
          ...page,
          rows: kept,
          position: { ...position, walk: name(position.walk), next },
          ...(raw && kept === chunk.rows && { raw }),
        };
        return { stored, isPast: taken?.isPast ?? false };
      }),
      takeWhile(({ isPast }) => !isPast, true),
      map(({ stored }) => stored),
      // A walk that fails moves no cursor: what it has not read must be read by the next run.
      tap({ complete: () => tracker?.done() }),
    );
    const forget = (walk: string): void => {
      tracker = range?.track();
      own?.forget?.(name(walk));
    };
    return inFlow(own && flowWith(own, { saved, forget }), () => through.subscribe(subscriber));
  });
}
