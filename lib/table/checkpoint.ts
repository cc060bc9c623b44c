// How much of a run may be lost when its process is killed.
import { checkNames, OptionError } from '../core/index.js';

/**
 * What a run may lose at most, over all of its tables, beside the pages that are on their way. A commit begins when half of any one of these has come
 * since the last began; at the whole, pages wait for it.
 */
export interface Checkpoint {
  /** Above 0. @default 100 */
  readonly pages?: number;
  /** Above 0. Of these, as the clock goes: a commit that takes longer than half of them makes no page wait. @default 5 */
  readonly seconds?: number;
  /** Bytes of the pages as they came, above 0. The page that reaches them is taken in whole. @default 32 MiB */
  readonly bytes?: number;
}

export const defaultCheckpoint: Required<Checkpoint> = { pages: 100, seconds: 5, bytes: 32 * 1024 * 1024 };

/** @throws OptionError for an amount that is not above 0, and for another name */
export function checkpointOf(options: Checkpoint = {}): Required<Checkpoint> {
  checkNames(options, Object.keys(defaultCheckpoint), 'checkpoint');
  const checkpoint = { ...defaultCheckpoint, ...options };
  for (const [name, value] of Object.entries(checkpoint)) {
    if (!(value > 0)) throw new OptionError(`checkpoint.${name}`, `must be more than 0, not ${value}`);
  }
  return checkpoint;
}
