// What takes the rows of a run in, made from what is known of the table: what is published, and what was staged before.
import type { Json } from '../core/index.js';
import {
  columnPolicy,
  type KnownChild,
  type RowIdentity,
  Shape,
  storedChildren,
  type TableEncoder,
} from '../schema/index.js';
import type { Stage } from '../stage/index.js';
import { childTarget } from './child-target.js';
import { inherited } from './plan.js';
import type { Target } from './publish-task.js';
import type { TableInfo } from './table-info.js';
import { requiredKeys } from './write-rules.js';

/**
 * @param previous what is published
 * @throws SchemaError `ERR_SCHEMA_CONTRACT` for a table that may not be made
 */
export async function openEncoder(
  target: Target,
  stage: Stage,
  previous: TableInfo | undefined,
): Promise<TableEncoder> {
  const { disposition, table, columns = columnPolicy() } = target;
  const { recoveredShape: recovered } = stage.table(table);
  const isOpen = Object.values(columns.contract).every((mode) => mode === 'evolve');
  // Rows that replace all others need not fit their columns, unless a contract says so.
  const starts = disposition === 'replace' && isOpen;
  const shape =
    recovered === undefined ? (starts ? undefined : previous?.shape) : Shape.fromJSON(recovered, columns.shape);
  return columns.encoder({
    table,
    keys: requiredKeys(target),
    ...(shape && { shape }),
    exists: previous !== undefined && !starts,
    open: previous !== undefined,
    ...(previous !== undefined && { inherited: inherited(previous) }),
    ...(columns.hasChildren && {
      children: await knownChildren(target, { previous, recovered, starts, loadId: stage.loadId }),
      identity: identityOf(target),
      idKeys: target.primaryKey,
      load: disposition === 'replace' ? '' : stage.loadId,
    }),
  });
}

/** Rows of which several with one key may be kept are known by their place. */
function identityOf({ disposition, validity, primaryKey }: Target): RowIdentity {
  if (validity !== undefined) return 'content';
  return disposition === 'append' || primaryKey.length === 0 ? 'place' : 'key';
}

interface Known {
  readonly previous: TableInfo | undefined;
  readonly recovered: Json | undefined;
  readonly loadId: string;
  /** Whether the columns are found anew. */
  readonly starts: boolean;
}

async function knownChildren(target: Target, { previous, recovered, starts, loadId }: Known): Promise<KnownChild[]> {
  const { columns = columnPolicy() } = target;
  const children = new Map<string, KnownChild>();
  for (const child of previous?.metadata?.children ?? []) {
    const at = childTarget(target, child);
    const info = starts ? undefined : await at.inspect(at.path, loadId);
    const shape = info?.shape ?? new Shape(columns.child(child.path).shape);
    children.set(child.path, { ...child, shape, exists: info !== undefined });
  }
  for (const child of storedChildren(recovered, (path) => columns.child(path).shape)) {
    children.set(child.path, { ...child, exists: children.get(child.path)?.exists ?? false });
  }
  return [...children.values()];
}
