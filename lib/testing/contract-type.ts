// What the contract suite for table sinks asks of its caller, and how its cases are written down.
import type { OperatorFunction } from 'rxjs';
import type { DedupSort, DeleteMissing, NullKeys, Receipt, Row, Rows, WriteDispositionOption } from '../core/index.js';
import type { ContractOption } from '../schema/index.js';

/** The functions of a test framework: those of mocha, vitest, jest and `node:test` fit. */
export interface TestFramework {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** How the suite wants a table written. */
export interface ContractOptions {
  readonly writeDisposition: WriteDispositionOption;
  readonly primaryKey?: string | readonly string[];
  readonly mergeKey?: string | readonly string[];
  readonly hardDelete?: string;
  readonly dedupSort?: DedupSort;
  readonly deleteMissing?: DeleteMissing;
  readonly nullKeys?: NullKeys;
  readonly partial?: () => boolean;
  readonly schemaContract?: ContractOption;
}

/** What a sink may be unable to do. */
export type Ability =
  | 'append'
  | 'replace'
  | 'merge'
  /** A merge by a merge key. */
  | 'merge key'
  /** The strategy `insert-only`. */
  | 'insert-only'
  /** The strategy `scd2`. */
  | 'scd2'
  /** A column that marks deleted rows. */
  | 'hard delete'
  /** An order that says which of the rows with one key counts. */
  | 'dedup sort'
  /** Rows that a full read did not bring. */
  | 'delete missing'
  /** NULL in a key, as a group. */
  | 'null keys'
  /** Lists and objects. */
  | 'nested'
  /** Numbers beyond 64 bits, and with more digits than a double has. */
  | 'decimal'
  | 'bytes'
  /** A column gets a wider type in a later run. */
  | 'widening'
  /** A column comes in a later run. */
  | 'new columns';

/** Something that a sink refuses. The suite then checks that it does refuse, with this code, and that the old table stays. */
export interface Inability {
  readonly ability: Ability;
  /** The `code` of the error in the chain, or thrown by `make`. */
  readonly code: string;
}

/** A sink as its author presents it to the suite. */
export interface TableSinkUnderTest {
  readonly name: string;
  /** A sink for the one table that a test has, somewhere in a folder of its own, which is there and empty before the test. */
  make(folder: string, options: ContractOptions): OperatorFunction<Rows, Receipt>;
  /**
   * The published rows, in any order; `undefined` when there is no table. Values as: numbers or `bigint` for numbers, text for
   * decimals, `2024-02-29` for dates, `10:00:00.5` for times, ISO text in UTC for instants, `Uint8Array` for bytes, arrays,
   * plain objects, and `null`.
   */
  read(folder: string): Promise<readonly Row[] | undefined>;
  /** @default nothing: the suite asks for everything */
  readonly cannot?: readonly Inability[];
}

/** One run of a chain: pages of rows into the sink. */
export interface Load extends ContractOptions {
  readonly pages: readonly (readonly Row[])[];
}

/** A sequence of runs, and what the table is after them. */
export interface ContractCase {
  readonly name: string;
  readonly needs: readonly Ability[];
  readonly loads: readonly Load[];
  /** The rows of the table. */
  readonly rows: readonly Row[];
  /** Parts of the last receipt. */
  readonly receipt?: Partial<Receipt>;
}
