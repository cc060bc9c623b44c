// How often the rows of a run are made durable.
import { checkNames, OptionError } from '../core/index.js';

/** A commit follows when any one of these has come together since the last. */
export interface Checkpoint {
  /** @default 100 */
  readonly pages?: number;
  /** @default 5 */
  readonly seconds?: number;
  /** Bytes of the pages as they came. @default 32 MiB */
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
