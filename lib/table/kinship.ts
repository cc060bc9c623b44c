// What a table and its child tables have to tell each other in one publish.
import type { ChildName } from '../schema/index.js';

/** The part of a table in a family. */
export type Kinship = RootKinship | ChildKinship;

/** A table with child tables. */
export interface RootKinship {
  readonly role: 'root';
  readonly children: readonly ChildName[];
  /** Whether the published table knows other child tables than these, so that it must be written. */
  readonly changed: boolean;
  /** A folder where the engine leaves word of which rows came and left. */
  readonly folder: string;
}

/** A child table: its rows come, stay and leave with those that they belong to. */
export interface ChildKinship {
  readonly role: 'child';
  /** What the engine left there for the table. */
  readonly folder: string;
  /** Rows in the table's log. */
  readonly rootRows: number;
}
