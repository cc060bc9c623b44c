// Where the pages of a source go: into one table, or into several among which their rows are divided.
import type { Receipt, Rows } from '../core/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import type { Making } from './making.js';
import type { Pending } from './member.js';
import type { Target } from './publish-task.js';
import type { Session } from './session.js';
import type { Named } from './table-clash.js';

/** What a destination is opened in. */
export interface Circumstances {
  readonly session: Session;
  readonly stage: Stage;
  /** Milliseconds, by the clock of `performance`. */
  readonly started: number;
}

/** A destination before the run. Its name and path are those of its table; of several, ones that stand for all. */
export interface DestinationPlan<T> extends Named, Making {
  /** Whether the source brings only a part of what there is. */
  partial(): boolean;
  /** Goes on from what was staged before. */
  open(circumstances: Circumstances): Promise<Destination<T>>;
}

export interface Destination<T> {
  /** Holds how far the walks have come. */
  readonly log: TableLog;
  /** All that the stage knows of it, by name. */
  readonly tables: readonly string[];
  /** The tables whose files tell, before any page comes, whether an earlier run has published the load. */
  readonly targets: readonly Target[];
  /** Whether so much waits to be written that no more should be taken in before `drained`. */
  readonly full: boolean;
  /** Whether rows that come twice do no harm, since the later ones count. */
  readonly takesAgain: boolean;
  drained(): Promise<void>;
  /** Opens what the pages need and is not open yet; `undefined` when all is. */
  open(pages: readonly Rows<T>[]): Promise<void> | undefined;
  /** Writes the rows of a page together with its position. */
  write(page: Rows<T>): void;
  /** The source has completed, and all of its rows were given to `write`. */
  allCame?(): void;
  /** Receipts of the tables of which more has become durable since the last call. */
  committed(): readonly Receipt[];
  /** Writes what is to be published, unseen by readers. */
  prepare(signal: AbortSignal): Promise<Pending>;
  /** Loads what publishing needs, while there is time. Never throws. */
  warmUp(): void;
  /** Resolves when nothing writes any more. Never fails. */
  idle(): Promise<void>;
}
