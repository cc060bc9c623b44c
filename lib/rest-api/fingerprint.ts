// What stands for how the rows of a resource are made: when it changes, rows that a run before has staged do not fit those of this one.
import { createHash } from 'node:crypto';
import { isSensitiveHeader, isSensitiveParam } from '../http/redact.js';
import type { CursorsState } from './incremental/cursors.js';
import type { ResourcePlan } from './plan/plan.js';

export interface FingerprintOptions {
  /** All resources of the source. */
  readonly plans: readonly ResourcePlan[];
  /** Where the paths of the requests begin. */
  readonly baseUrl: string;
  /** From where the run goes on. */
  readonly start: CursorsState | undefined;
}

/**
 * A text that is another one when the resource, or one above it, asks for something else or does something else with its rows. Credentials
 * and how requests are repeated, limited or divided do not count.
 */
export function fingerprintOf(plan: ResourcePlan, { plans, baseUrl, start }: FingerprintOptions): string {
  const above = (one: ResourcePlan): unknown[] => {
    const parents = plans.filter(({ name }) => one.parents?.names.includes(name));
    return [partsOf(one), ...parents.map(above)];
  };
  const address = baseUrl.replace(/\/\/[^/@]*@/, '//');
  const parts = [address, start?.last, start?.parents, above(plan), ...dividedBy(plan)];
  const text = JSON.stringify(parts, plain);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** How the rows are divided. The key of one table is added by its sink; of several it is here. */
function dividedBy({ split, rowHints, sink: { primaryKey } }: ResourcePlan): unknown[] {
  return split === undefined ? [] : [split.by, rowHints?.functions, primaryKey];
}

function partsOf({ name, request, paginator, dataSelector, incremental, steps, parents, sink }: ResourcePlan): unknown {
  const { columns, schemaContract, naming, nesting, maxTableNesting, nestedHints, metadataColumns, collisions } = sink;
  const { concurrency: _, ...included } = parents ?? { concurrency: 0 };
  const kept = { collisions, keepAsText: sink.keepAsText };
  const nested = { maxTableNesting, nestedHints, metadataColumns };
  const table = { columns, schemaContract, naming, nesting, ...nested, ...kept };
  return { name, request, paginator, dataSelector, incremental, steps, parent: included, table };
}

function plain(name: string, value: unknown): unknown {
  if (isSensitiveParam(name) || isSensitiveHeader(name)) return undefined;
  return typeof value === 'function' || typeof value === 'bigint' ? String(value) : value;
}
