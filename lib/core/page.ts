// The three things that flow through a chain: pages, rows, receipts (receipt.ts); and the position they carry.
import type { Json, Row } from './json.js';
import type { RawRows } from './raw-body.js';
import type { HttpResponse } from './request.js';

/** Where a walk stands after one of its pages. A sink stores it together with the rows, so that the walk can go on from there. */
export interface Position {
  /** Names the walk: stands for the method, URL, parameters and body of its first request, secrets left out. */
  readonly walk: string;
  /** The page's number in its walk, counted from 0, also across resumes. */
  readonly page: number;
  /** What the paginator needs to ask for the page after this one; `null` when this page is the last. */
  readonly next: Json;
}

/** One response in a walk. */
export interface Page<T = unknown> extends HttpResponse<T> {
  readonly position: Position;
}

/** One of `of` parts of a page, counted from 0. */
export interface PagePart {
  readonly at: number;
  readonly of: number;
}

/** The records of one page, and the position they came with. A page without records is an empty list, not a gap. */
export interface Rows<T = Row> {
  readonly rows: readonly T[];
  readonly position: Position;
  /** Size in bytes of the page they came from. */
  readonly bytes: number;
  /** Which part of the page they are, when `splitPage` made several of it. @default they are all of it */
  readonly part?: PagePart;
  /** Where they were found, when nobody has touched them since; see `isPristine` for when to believe it. */
  readonly raw?: RawRows;
}
