// What a configuration says of a cursor, and what a run remembers of one.
import type { CursorValue } from './cursor-value.js';
import type { Conversion } from './dates.js';
import type { WindowSize } from './window.js';

/** Chooses the furthest of two values: the one so far, and a new one. */
export type Furthest = (values: readonly (string | number)[]) => string | number;

/** What a configuration says of a cursor, with its defaults. */
export interface IncrementalPlan {
  readonly cursorPath: string;
  /** What `cursorPath` leads into: each row, or the response or the request of each page. */
  readonly cursorFrom: 'rows' | 'body' | 'headers' | 'request';
  readonly initialValue: CursorValue | undefined;
  readonly endValue: CursorValue | undefined;
  /** Which value is the furthest: the greatest, the least, the one that came last, or the one that a function chooses. */
  readonly direction: 'max' | 'min' | 'last' | Furthest;
  /** The columns by which rows at the boundary are told apart; empty: the whole row; `undefined`: those that come again are taken in again. */
  readonly boundaryKey: readonly string[] | undefined;
  readonly rowOrder: 'asc' | 'desc' | undefined;
  readonly lag: number;
  readonly onMissing: 'raise' | 'include' | 'exclude';
  readonly rangeStart: 'closed' | 'open';
  readonly rangeEnd: 'closed' | 'open';
  readonly startParam: string | undefined;
  readonly endParam: string | undefined;
  readonly convert: Conversion | ((value: string | number) => string | number) | undefined;
  /** How long a slice of the range is that is asked for by itself; `undefined`: the range is asked for as a whole. */
  readonly window: WindowSize | undefined;
  /** Whether each row of the parent has a cursor of its own. */
  readonly perParent: boolean;
  /** The name under which several resources have one state; `undefined`: the resource's own. */
  readonly sharedAs: string | undefined;
}

/** How far a cursor has come: the furthest value, and which rows have it. */
export interface CursorState {
  readonly last: CursorValue;
  /**
   * Of the rows that have the last value: those that come again are dropped, where `boundaryKey` says so. They are remembered where it does not, too: a
   * later run may have another disposition.
   */
  readonly seen: readonly string[];
  /** The columns that `seen` goes by, when it is not the whole row; absent in states of older versions, too. */
  readonly by?: readonly string[];
  /** The same of whole rows, beside those of `by`: a later run may go by other columns. */
  readonly rows?: readonly string[];
}
