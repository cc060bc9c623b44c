// Publishing all tables of a run: each is written unseen by readers; then all are put in their places, which takes no longer than the renames.
import type { Receipt } from '../core/index.js';
import { publishManifests } from './directory/manifest.js';
import type { Member, Pending } from './member.js';

/** Resolves with the receipt of each. When it fails, what is not placed is removed. */
export async function publishTogether(
  members: readonly Member[],
  loadId: string,
  signal: AbortSignal,
): Promise<Map<Member, Receipt>> {
  const pending = new Map<Member, Pending>();
  const receipts = new Map<Member, Receipt>();
  try {
    for (const member of members) pending.set(member, await member.prepare(signal));
    for (const each of pending.values()) await each.place();
    const entries = [...pending.values()].flatMap(({ manifest }) => manifest ?? []);
    await publishManifests(loadId, entries);
    for (const [member, each] of pending) receipts.set(member, await each.finish());
  } catch (error) {
    for (const each of pending.values()) await each.discard();
    throw error;
  }
  return receipts;
}
