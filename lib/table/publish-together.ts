// Publishing all tables of a run: each is written unseen by readers; then all are put in their places, which takes no longer than the renames.
import type { Receipt } from '../core/index.js';
import type { Stage } from '../stage/index.js';
import { publishManifests } from './directory/manifest.js';
import type { Member, Pending } from './member.js';

/** Resolves with the receipt of each. When it fails, what is not placed is removed. */
export async function publishTogether(
  members: readonly Member[],
  stage: Stage,
  signal: AbortSignal,
): Promise<Map<Member, Receipt>> {
  const pending = new Map<Member, Pending>();
  const receipts = new Map<Member, Receipt>();
  try {
    for (const member of members) pending.set(member, await member.prepare(signal));
    const all = [...pending.values()];
    if (all.some(({ isSettled }) => !isSettled)) await stage.settle(all.flatMap(({ settled }) => settled));
    for (const each of all) await each.place();
    const entries = all.flatMap(({ manifest }) => manifest ?? []);
    await publishManifests(stage.loadId, entries);
    for (const [member, each] of pending) receipts.set(member, await each.finish());
  } catch (error) {
    for (const each of pending.values()) await each.discard();
    throw error;
  }
  return receipts;
}
