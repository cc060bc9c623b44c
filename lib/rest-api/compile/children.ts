// The rows of a resource that is asked for with each row of another one.
import { createHash } from 'node:crypto';
import { from, map, mergeMap, Observable } from 'rxjs';
import { type Flow, jsonPath, type Row, type Rows } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { fieldName } from '../plan/fields.js';
import { PathFault } from '../plan/path-value.js';
import type { ParentPlan, ResourcePlan } from '../plan/plan.js';
import { FormatFault } from '../plan/python-format.js';
import { type FilledRequest, fillRequest } from '../plan/request-template.js';
import { ResourceError } from '../resource-error.js';
import { compileChain } from './chain.js';
import { flowWith, inFlow } from './own-flow.js';
import type { ParentLink } from './parent-link.js';

/** One row of the parent, and what is asked for with it. */
interface Unit {
  readonly request: FilledRequest;
  /** What each row gets from the parent. */
  readonly included: Row;
  /** Stands for all that the unit takes from the parent's row: two rows with the same are one unit. */
  readonly key: string;
  readonly done: () => void;
}

export interface ChildrenOptions {
  readonly plan: ResourcePlan & { readonly parent: ParentPlan };
  readonly client: HttpClient;
  readonly parent: ParentLink;
  /** The resource's flow and the run's. */
  readonly own: Flow | undefined;
  readonly run: Flow | undefined;
}

/**
 * Asks for the resource with each row of the parent, `concurrency` at a time, while the parent goes on. The rows of one unit come in order.
 * A unit that an earlier run has finished is skipped, one that it has begun is gone on with.
 */
export function compileChildren(options: ChildrenOptions): Observable<Rows<Row>> {
  const { plan, parent, own, run } = options;
  const seen = new Set<string>();
  const parentRows = new Observable<Rows<Row>>((subscriber) => inFlow(run, () => parent.rows.subscribe(subscriber)));
  return parentRows.pipe(
    mergeMap((chunk) => from(units(plan, chunk, parent.hold(chunk)).filter((unit) => isNew(unit, seen)))),
    mergeMap((unit) => walk(unit, options, own), plan.parent.concurrency),
  );
}

/** A parent's row that comes again, as rows do when pages shift, is not asked for again. */
function isNew({ key, done }: Unit, seen: Set<string>): boolean {
  if (!seen.has(key)) {
    seen.add(key);
    return true;
  }
  done();
  return false;
}

function units(plan: ChildrenOptions['plan'], { rows, position }: Rows<Row>, release: () => void): Unit[] {
  let open = rows.length;
  if (open === 0) release();
  const done = () => {
    open -= 1;
    if (open === 0) release();
  };
  return rows.map((row, index) => unit(plan, row, `row ${index} of page ${position.page}`, done));
}

function unit(plan: ChildrenOptions['plan'], row: Row, where: string, done: () => void): Unit {
  const { parent, name, request: template } = plan;
  const used: unknown[] = [];
  const value = (path: string) => {
    const found = jsonPath(path).first(row);
    if (found === undefined) {
      const has = Object.keys(row).join(', ') || 'none';
      throw new ResourceError(
        'ERR_PARENT_FIELD',
        name,
        `needs "${path}" of "${parent.name}", which ${where} does not have; its fields are: ${has}`,
      );
    }
    used.push(found);
    return found;
  };
  try {
    const request = fillRequest(template, (field) => {
      const known = fieldName(field);
      return known.kind === 'parent' ? value(known.path) : undefined;
    });
    const included = Object.fromEntries(parent.include.map((path) => [`_${parent.name}_${path}`, value(path)]));
    return { request, included, key: hash([name, used]), done };
  } catch (error) {
    if (!(error instanceof PathFault || error instanceof FormatFault)) throw error;
    throw new ResourceError('ERR_PARENT_VALUE', name, `${where} of "${parent.name}": ${error.message}`);
  }
}

function walk(
  { request, included, key, done }: Unit,
  { plan, client }: ChildrenOptions,
  own: Flow | undefined,
): Observable<Rows<Row>> {
  const includes = Object.keys(included).length > 0;
  const rows = compileChain(plan, client, request).pipe(
    map(({ rows, position, bytes }) => ({
      rows: includes ? rows.map((row) => ({ ...row, ...included })) : rows,
      position: { ...position, walk: `${key}.${position.walk}` },
      bytes,
    })),
  );
  const flow = own && flowWith(own, { saved: (name) => own.saved(`${key}.${name}`) });
  return new Observable((subscriber) => {
    subscriber.add(done);
    subscriber.add(inFlow(flow, () => rows.subscribe(subscriber)));
  });
}

function hash(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
