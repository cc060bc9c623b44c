// What a run asks of each of its tables.
import type { Receipt } from '../core/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import type { ManifestEntry } from './directory/manifest.js';

export type Outcome = { readonly receipt: Receipt } | { readonly error: unknown };

/** What a member has written and readers do not see yet. */
export interface Pending {
  /** Puts it in its place. Called when all members are prepared. */
  place(): Promise<void>;
  /** What the manifest is to say, when all members are placed. */
  readonly manifest?: ManifestEntry | readonly ManifestEntry[];
  /** Called when all members are placed, and the manifest is. */
  finish(): Promise<Receipt>;
  /** Removes what was not placed. Never fails. */
  discard(): Promise<void>;
}

/** One table's part in a run. */
export interface Member {
  readonly path: string;
  readonly table: string;
  /** Whether the source, which has completed, brought only a part of what there is. */
  partial(): boolean;
  /** The rows up to the last commit are durable. */
  committed(log: TableLog): void;
  /** Writes what is to be published, unseen by readers. Called when the sources of all members have completed. */
  prepare(stage: Stage, signal: AbortSignal): Promise<Pending>;
  /** A walk that has a saved position begins from its first page all the same. */
  takeAgain(walk: string): void;
  /** The run ends early: no more rows are taken in. */
  stop(): void;
  /** Resolves when nothing of what was stopped writes any more. Never fails. */
  idle(): Promise<void>;
  /** The run has ended: the stage is closed, and its lock given back. */
  ended(outcome: Outcome): void;
}
