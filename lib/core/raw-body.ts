// A body as it came, beside what was made of it; and its records as lines of the log.
import type { RowScanner } from './row-scanner.js';

/** A body in UTF-8, and what JSON.parse made of it: every number in it is one that a double holds. */
export interface RawBody {
  readonly bytes: Uint8Array;
  readonly value: unknown;
  /** How the bodies of its walk are read. */
  readonly reading?: ReadingOffer;
  /** Its records, where no values have been made of them. */
  readonly unread?: UnreadBody;
}

/** Where in a body the records of a page are. */
export interface RawRows extends RawBody {
  /** As a JSONPath. */
  readonly path: string;
}

/** Records as lines. */
export interface RawLines {
  /** Each line ends with a line feed. */
  readonly chunk: Buffer;
  /** Size in bytes of the longest line, its line feed left out. */
  readonly longestLine: number;
}

/** What a sink can say to how the bodies of a walk are read. */
export interface ReadingOffer {
  /**
   * The scanner knows the records at a path, and whoever offers it takes them as they stand. Two that are offered are one too many: then
   * values are made.
   */
  offer(path: string, scanner: RowScanner): void;
}

/** The records of a body of which no value has been made. */
export interface UnreadBody {
  /** What has scanned them. */
  readonly by: RowScanner;
  readonly count: number;
  /** The records as lines, which take the memory of the body: from then on it is no longer what the server sent. */
  lines(): RawLines;
  /** The whole body as the server sent it. */
  bodyText(): string;
}
