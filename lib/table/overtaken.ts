// A table in which another run has published since the rows of this one began to be staged: that run had other tables beside it, so it went on with nothing
// of what is staged here.
import { appliedLoads, NestedEncoder, type TableEncoder } from '../schema/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import { removeAbandoned } from './abandoned.js';
import { nothingPublished } from './engine.js';
import type { PendingFamily } from './prepare-family.js';
import { published, settled, type Target } from './publish-task.js';
import type { TableInfo } from './table-info.js';

/** The load that a table was published with last; `null` when there is none. */
export function publishedLoad(info: TableInfo | undefined): string | null {
  return info?.metadata?.loadId ?? null;
}

/**
 * The load of a run that has published in a table since rows of another load began to be staged for it; `undefined` when there is none. A table that is
 * gone has nothing that must stay.
 */
export function overtakenBy(
  { base }: TableLog['making'],
  info: TableInfo | undefined,
  loadId: string,
): string | undefined {
  const last = publishedLoad(info);
  if (base === undefined || last === null || last === base) return undefined;
  return appliedLoads(info?.metadata).includes(loadId) ? undefined : last;
}

/** Publishes nothing of a table and what belongs to it, as `prepareFamily` does where there is nothing to change. */
export async function leaveOut(target: Target, encoder: TableEncoder, { loadId }: Stage): Promise<PendingFamily> {
  await removeAbandoned(target, loadId);
  const info = await target.inspect(target.path, loadId);
  const counts = { ...nothingPublished, total: info?.rows ?? 0 };
  const children = encoder instanceof NestedEncoder ? encoder.children : [];
  return {
    ...settled(published(counts, info?.schema ?? { columns: [] }, [], info)),
    settled: [target, ...children].map(({ table }) => table),
  };
}
