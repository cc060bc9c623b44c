// What looks through the text of a list of records without making values of them.

/** What was found of a list. Read before the next scan: the scanner fills it anew. */
export interface Scanned {
  /** How many records the list has. */
  readonly count: number;
  /** For each record its first byte and the byte behind it, one after the other. */
  readonly bounds: Uint32Array;
  /** Where the list ends: behind its bracket. */
  readonly end: number;
  /** Whether `JSON.stringify` would write each record as it stands there. */
  readonly isCanonical: boolean;
}

export interface RowScanner {
  /**
   * Scans the list that begins with the bracket at `start`. `undefined` where a record is anything but an object of which all is known already, or
   * where the text is not JSON, or stands in several lines: then whoever asked must parse it.
   */
  scan(body: Buffer, start: number): Scanned | undefined;
}
