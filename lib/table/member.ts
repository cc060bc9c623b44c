// What a run asks of each of its tables.
import type { Receipt } from '../core/index.js';
import type { ComingTable } from './coming-files.js';
import type { ManifestEntry } from './directory/manifest.js';
import type { Making } from './making.js';
import type { Target } from './publish-task.js';
import type { Named } from './table-clash.js';

export type Outcome = { readonly receipt: Receipt } | { readonly error: unknown };

/** What a member has written and readers do not see yet. */
export interface Pending {
  /** Whether there is nothing to put in its place. */
  readonly isSettled: boolean;
  /** The tables that stay as they are, child tables among them. */
  readonly settled: readonly string[];
  /** Puts it in its place. Called when all members are prepared. */
  place(): Promise<void>;
  /** The plain files that come to their places together. @default none do */
  readonly coming?: ComingTable | readonly ComingTable[];
  /** What the manifest is to say, when all members are placed. */
  readonly manifest?: ManifestEntry | readonly ManifestEntry[];
  /** Called when all members are placed, and the manifest is. */
  finish(): Promise<Receipt>;
  /** Removes what was not placed. Never fails. */
  discard(): Promise<void>;
}

/** One source's part in a run: with one table, or with several. */
export interface Member {
  /** Of its table; of several, what stands for all. */
  readonly name: Named;
  /** How its rows are made. */
  readonly making: Making;
  /** Its tables, as the stage knows them. */
  readonly tables: readonly string[];
  /** Those of them whose files tell, before any page comes, whether an earlier run has published the load. */
  readonly targets: readonly Target[];
  /** Whether the source, which has completed, brought only a part of what there is. */
  partial(): boolean;
  /** The rows up to the last commit are durable. */
  committed(): void;
  /** A commit is done: there may be room for more rows. */
  goOn(): void;
  /** Writes what is to be published, unseen by readers. Called when the sources of all members have completed. */
  prepare(signal: AbortSignal): Promise<Pending>;
  /** A walk that has a saved position begins from its first page all the same. */
  takeAgain(walk: string): void;
  /** The run ends early: no more rows are taken in. */
  stop(): void;
  /** Resolves when what had come before it was stopped is written, as far as that can be. Never fails. */
  settled(): Promise<void>;
  /** Resolves when nothing of what was stopped writes any more. Never fails. */
  idle(): Promise<void>;
  /** The run has ended: the stage is closed, and its lock given back. */
  ended(outcome: Outcome): void;
}
