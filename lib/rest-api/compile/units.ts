// The rows of a resource that is asked for several times: with each row of another one, or for each slice of its cursor's range.
import { defer, map, Observable, of } from 'rxjs';
import { DigestMap, type Flow, type Row, type Rows } from '../../core/index.js';
import type { CursorRange } from '../incremental/cursor-range.js';
import { fieldName } from '../plan/fields.js';
import { defaultConcurrency, type ParentsPlan } from '../plan/parents.js';
import { PathFault } from '../plan/path-value.js';
import type { ResourcePlan } from '../plan/plan.js';
import { FormatFault } from '../plan/python-format.js';
import { type FilledRequest, fieldsOf, fillRequest } from '../plan/request-template.js';
import { ResourceError } from '../resource-error.js';
import { type ChainOptions, compileWalk } from './chain.js';
import { combinations } from './combinations.js';
import { type Batch, eachUnit } from './each-unit.js';
import type { Failures } from './failures.js';
import { hashOf } from './hash.js';
import { inFlow } from './own-flow.js';
import { type LineageRows, type Need, type ParentItem, parentItems } from './parent-items.js';
import type { ParentLink } from './parent-link.js';

export interface UnitsOptions extends ChainOptions {
  readonly failures: Failures;
  /** The rows of a parent. */
  link(parent: string): ParentLink;
  /** Resources of which rows are kept for the lineage of those below. */
  readonly kept: ReadonlySet<string>;
  /** The flow of the whole run. */
  readonly run: Flow | undefined;
}

/** What is asked for with one row of each parent, and for one range of the cursor. */
interface Unit {
  readonly items: readonly ParentItem[];
  readonly range: CursorRange | undefined;
  /** Stands for all that the unit takes from the parents' rows: two with the same are one. */
  readonly key: string;
}

/**
 * Asks for the resource with each row of its parent, or each combination of rows of several, so many at a time, while the parents go on.
 * The rows of one unit come in order. A unit that an earlier run has finished is skipped, one that it has begun is gone on with.
 */
export function compileUnits(options: UnitsOptions): Observable<Rows<Row>> {
  const { plan } = options;
  const needs = needsOf(plan);
  const seen = new DigestMap();
  return itemBatches(options, needs).pipe(
    map(({ units: items, done }): Batch<Unit> => ({ units: unitsOf(options, items, seen), ...(done && { done }) })),
    eachUnit(unitConcurrency(plan), (unit) => walk(options, needs, unit)),
  );
}

function unitConcurrency({ parents, pages }: ResourcePlan): number {
  return parents?.concurrency ?? pages.concurrency ?? defaultConcurrency;
}

/** The parents' rows, each alone or combined; without parents, once nothing. */
function itemBatches(options: UnitsOptions, needs: Needs): Observable<Batch<readonly ParentItem[]>> {
  const { plan, run, link } = options;
  const { names } = plan.parents ?? { names: [] };
  const [only] = names;
  if (only === undefined) return of({ units: [[]] });
  const rowsOf = (name: string) =>
    new Observable<LineageRows>((subscriber) => inFlow(run, () => link(name).rows.subscribe(subscriber)));
  const itemsOf = (name: string, chunk: LineageRows) =>
    parentItems(chunk, { name, needs: needs.get(name)!, kept: options.kept, resource: plan.name });
  if (names.length > 1)
    return combinations(names.map((name) => rowsOf(name).pipe(map((chunk) => itemsOf(name, chunk)))));
  return rowsOf(only).pipe(
    map((chunk) => ({ units: itemsOf(only, chunk).map((item) => [item]), done: link(only).hold(chunk) })),
  );
}

const noParents = { names: [], above: {}, include: [] };

/** Of each parent, what is needed of its rows and of those above them. */
type Needs = ReadonlyMap<string, readonly Need[]>;

function needsOf({ request, parents }: ResourcePlan): Needs {
  const { names, above, include }: Pick<ParentsPlan, 'names' | 'above' | 'include'> = parents ?? noParents;
  const named = fieldsOf(request).flatMap((field): Need[] =>
    field.kind === 'parent' ? [{ resource: field.resource, path: field.path }] : [],
  );
  const all = new Map(
    [...named, ...include].map(({ resource, path }) => [text({ resource, path }), { resource, path }]),
  );
  const ofParent = (name: string) => [...all.values()].filter(({ resource }) => (above[resource] ?? resource) === name);
  return new Map(names.map((name) => [name, ofParent(name)]));
}

function text({ resource, path }: Need): string {
  return `${resource}.${path}`;
}

/** A combination that comes again, as rows do when pages shift, is not asked for again. */
function* unitsOf(
  { plan, cursors, own }: UnitsOptions,
  combined: Iterable<readonly ParentItem[]>,
  seen: DigestMap,
): Generator<Unit> {
  for (const items of combined) {
    const parent = items.length === 0 ? plan.name : hashOf([plan.name, items.map(({ values }) => values)]);
    if (items.every(({ fault }) => fault === undefined)) {
      if (seen.has(parent)) continue;
      seen.set(parent, 0);
    }
    for (const range of cursors?.for(parent).ranges(own?.clock.now()) ?? [undefined]) {
      yield { items, range, key: range?.key === undefined ? parent : hashOf([parent, range.key]) };
    }
  }
}

function walk(options: UnitsOptions, needs: Needs, { items, range, key }: Unit): Observable<Rows<Row>> {
  const { plan, failures, own } = options;
  const names = plan.parents?.names ?? [];
  const values = new Map(
    items.flatMap((item, index) =>
      item.values.map((value, at) => [text(needs.get(names[index]!)![at]!), value] as const),
    ),
  );
  const rows = defer(() => {
    const fault = items.find((item) => item.fault)?.fault;
    if (fault) throw fault;
    const include = plan.parents?.include ?? [];
    const included = Object.fromEntries(include.map((each) => [each.column, values.get(text(each))]));
    const above = new Map(items.flatMap((item) => [...item.above]));
    return compileWalk(options, { request: filled(plan, values, { items, range }), key, included, above, range });
  });
  const origin = () => (values.size > 0 ? Object.fromEntries(values) : { row: items[0]?.where });
  return rows.pipe(failures.skip(origin, own?.meter));
}

function filled(
  { name, request }: ResourcePlan,
  values: ReadonlyMap<string, unknown>,
  { items, range }: Pick<Unit, 'items' | 'range'>,
): FilledRequest {
  try {
    return fillRequest(request, (field) => {
      const known = fieldName(field);
      if (known.kind === 'parent') return values.get(text(known));
      return known.kind === 'incremental' ? range?.value(known.value) : undefined;
    });
  } catch (error) {
    if (!(error instanceof PathFault || error instanceof FormatFault)) throw error;
    const where = items.map((item) => item.where).join(', ');
    throw new ResourceError('ERR_PARENT_VALUE', name, `${where}: ${error.message}`);
  }
}
