// Publishing all tables of a run: each is written unseen by readers; then all are put in their places, which takes no longer than the renames.
import type { Json, Receipt } from '../core/index.js';
import type { Stage } from '../stage/index.js';
import { type ComingTable, noteComing } from './coming-files.js';
import { publishManifests } from './directory/manifest.js';
import type { Member, Pending } from './member.js';

/**
 * Resolves with the receipt of each. When it fails, what is not placed is removed; but for plain files of which the first may be in its place: the next
 * run places the others.
 */
export async function publishTogether(
  members: readonly Member[],
  stage: Stage,
  signal: AbortSignal,
): Promise<Map<Member, Receipt>> {
  const pending = new Map<Member, Pending>();
  const receipts = new Map<Member, Receipt>();
  let removeNote: (() => Promise<void>) | undefined;
  try {
    for (const member of members) pending.set(member, await member.prepare(signal));
    const all = [...pending.values()];
    const coming = all.flatMap((each) => each.coming ?? []);
    if (all.some(({ isSettled }) => !isSettled))
      await stage.settle(
        all.flatMap(({ settled }) => settled),
        preparedOf(coming),
      );
    removeNote = await noteComing(stage.loadId, coming);
    for (const each of all) await each.place();
    await removeNote?.();
    const entries = all.flatMap(({ manifest }) => manifest ?? []);
    await publishManifests(stage.loadId, entries);
    for (const [member, each] of pending) receipts.set(member, await each.finish());
  } catch (error) {
    for (const each of pending.values())
      if (removeNote === undefined || each.coming === undefined) await each.discard();
    throw error;
  }
  return receipts;
}

/** What the journal is to know of the tables that come. */
function preparedOf(coming: readonly ComingTable[]): ReadonlyMap<string, Json> {
  const published = coming.flatMap(({ files }) => files.flatMap((file) => file.published ?? []));
  return new Map(published.map(({ table, counts }) => [table, counts as unknown as Json]));
}
