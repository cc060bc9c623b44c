// The rows of a resource that is asked for with each row of another one.
import { createHash } from 'node:crypto';
import { finalize, from, mergeMap, Observable } from 'rxjs';
import { DigestMap, type Flow, jsonPath, type Row, type Rows } from '../../core/index.js';
import { fieldName } from '../plan/fields.js';
import { PathFault } from '../plan/path-value.js';
import type { ParentPlan, ResourcePlan } from '../plan/plan.js';
import { FormatFault } from '../plan/python-format.js';
import { type FilledRequest, fillRequest } from '../plan/request-template.js';
import { ResourceError } from '../resource-error.js';
import { type ChainOptions, compileWalk } from './chain.js';
import { inFlow } from './own-flow.js';
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

export interface ChildrenOptions extends ChainOptions {
  readonly plan: ResourcePlan & { readonly parent: ParentPlan };
  readonly parent: ParentLink;
  /** The flow of the whole run. */
  readonly run: Flow | undefined;
}

/**
 * Asks for the resource with each row of the parent, `concurrency` at a time, while the parent goes on. The rows of one unit come in order.
 * A unit that an earlier run has finished is skipped, one that it has begun is gone on with.
 */
export function compileChildren(options: ChildrenOptions): Observable<Rows<Row>> {
  const { plan, parent, run } = options;
  const seen = new DigestMap();
  const parentRows = new Observable<Rows<Row>>((subscriber) => inFlow(run, () => parent.rows.subscribe(subscriber)));
  return parentRows.pipe(
    mergeMap((chunk) => from(units(options, chunk, parent.hold(chunk)).filter((unit) => isNew(unit, seen)))),
    mergeMap((unit) => walk(unit, options), plan.parent.concurrency),
  );
}

/** A parent's row that comes again, as rows do when pages shift, is not asked for again. */
function isNew({ key, done }: Unit, seen: DigestMap): boolean {
  if (!seen.has(key)) {
    seen.set(key, 0);
    return true;
  }
  done();
  return false;
}

function units(options: ChildrenOptions, { rows, position }: Rows<Row>, release: () => void): Unit[] {
  let open = rows.length;
  if (open === 0) release();
  const done = () => {
    open -= 1;
    if (open === 0) release();
  };
  return rows.map((row, index) => unit(options, row, `row ${index} of page ${position.page}`, done));
}

function unit({ plan, cursor }: ChildrenOptions, row: Row, where: string, done: () => void): Unit {
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
      if (known.kind === 'parent') return value(known.path);
      return known.kind === 'incremental' ? cursor?.value(known.value) : undefined;
    });
    const included = Object.fromEntries(parent.include.map((path) => [`_${parent.name}_${path}`, value(path)]));
    return { request, included, key: hash([name, used]), done };
  } catch (error) {
    if (!(error instanceof PathFault || error instanceof FormatFault)) throw error;
    throw new ResourceError('ERR_PARENT_VALUE', name, `${where} of "${parent.name}": ${error.message}`);
  }
}

function walk({ done, ...unit }: Unit, options: ChildrenOptions): Observable<Rows<Row>> {
  return compileWalk(options, unit).pipe(finalize(done));
}

function hash(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
