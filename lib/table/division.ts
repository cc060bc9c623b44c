// What is to be known of a source whose rows are divided among several tables.
import type { OperatorFunction } from 'rxjs';
import type { Json, Receipt, Rows } from '../core/index.js';

export interface Division<T> {
  /** Stands for all its tables, in receipts and notes. */
  readonly name: string;
  /** Stands for the files of its tables: the stage and the lock of a run are called after it, whichever tables there are. */
  readonly path: string;
  /** Stands for how the rows are made and divided: what was staged under another one is dropped. @default nothing is dropped */
  readonly fingerprint?: string;
  /** Whether the rows come in the place of all that their tables have, as the sinks say, too. @default false */
  readonly refreshes?: boolean;
  /** Tables that there are also when no row of theirs comes. */
  readonly tables: readonly string[];
  /** Whether what a table's sink is like is only known with a row of its own: tables without any are then looked at in the end. @default false */
  readonly needsRows?: boolean;
  /** Whether the source brings only a part of what there is. @default false */
  partial?(): boolean;
  /** The rows of a page by their tables. Asked several times for the same page. */
  divide(page: Rows<T>): ReadonlyMap<string, readonly T[]>;
  /**
   * The sink of a table. Asked once for each: before any row comes, when its first row has come, when a run is gone on with in which one had, or
   * when the source has completed without any.
   */
  sinkOf(table: string): OperatorFunction<Rows<T>, Receipt>;
  /** What must be known again of a table in the run that goes on with this one; asked when its first row has come. */
  remembered(table: string): Json;
  /** Is told what was remembered, before any page comes. */
  recall(table: string, remembered: Json): void;
  /** What was remembered of a table counts no more: it begins anew. */
  forget(table: string): void;
}
