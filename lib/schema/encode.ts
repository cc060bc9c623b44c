// Writes rows as the lines of the log, and notes what it sees of each column on the way.
import type { Row } from '../core/index.js';
import { membersJson } from './log-json.js';
import { isPlainObject, plainValue } from './plain.js';
import { type RowOrigin, SchemaError } from './schema-error.js';
import { Shape } from './shape.js';

export interface EncoderOptions {
  /** Takes note of the columns. Give the shape of the table that is added to, so that its columns keep their names. @default a new one */
  readonly shape?: Shape;
  /** Columns that make up the key: a row without one of them, or with NULL, is an error. @default none */
  readonly keys?: readonly string[];
}

/** The rows of one page as lines of JSON. */
export interface EncodedRows {
  /** UTF-8; each line ends with a line feed. */
  readonly chunk: Buffer;
  readonly rows: number;
  /** Size in bytes of the longest line, its line feed left out. */
  readonly longestLine: number;
}

/**
 * Encodes rows for the log, one page at a time. What is not an object becomes one with the key `value`.
 *
 * @example
 * const encoder = new RowEncoder({ keys: ['id'] });
 * const { chunk } = encoder.encode([{ id: 1, big: 2n ** 64n }], { page: 0 }); // {"id":1,"big":18446744073709551616}
 */
export class RowEncoder {
  readonly shape: Shape;
  readonly #keys: readonly string[];

  constructor(options: EncoderOptions = {}) {
    this.shape = options.shape ?? new Shape();
    this.#keys = options.keys ?? [];
  }

  /**
   * @param where Where the rows come from, for errors.
   * @throws SchemaError `ERR_ROW_WITHOUT_KEY`, `ERR_ROW` (a row that refers to itself), `ERR_COLUMN_COLLISION`
   */
  encode(rows: readonly unknown[], where: Pick<RowOrigin, 'page'>): EncodedRows {
    let { text, longest } = this.#lines(rows, where.page, (row) => JSON.stringify(row));
    if (mayHoldSurrogates(text)) ({ text, longest } = this.#lines(rows, where.page, (row) => this.#specialLine(row)));
    // As long as all is ASCII, a character is a byte, and copying is faster than encoding.
    const ascii = Buffer.byteLength(text) === text.length;
    const chunk = Buffer.from(text, ascii ? 'latin1' : 'utf8');
    return { chunk, rows: rows.length, longestLine: ascii ? longest : longestLineOf(chunk) };
  }

  #lines(rows: readonly unknown[], page: number, write: (row: Row) => string): { text: string; longest: number } {
    let text = '';
    let longest = 0;
    for (let index = 0; index < rows.length; index += 1) {
      const line = this.#line(rows[index], { page, index }, write);
      if (line.length > longest) longest = line.length;
      text += line;
      text += '\n';
    }
    return { text, longest };
  }

  #line(value: unknown, origin: RowOrigin, write: (row: Row) => string): string {
    try {
      const row = asRow(value);
      const special = this.shape.observe(row);
      if (this.#keys.length > 0) this.#checkKeys(row, origin);
      return special || this.shape.renames ? this.#specialLine(row) : write(row);
    } catch (error) {
      if (error instanceof SchemaError) throw error;
      throw new SchemaError(
        'ERR_ROW',
        `row ${origin.index} of page ${origin.page} cannot be written: it refers to itself, is nested too deeply, or its toJSON failed`,
        { origin, cause: error },
      );
    }
  }

  #specialLine(row: Row): string {
    return membersJson(Object.entries(row).map(([key, value]) => [this.shape.columnOfKey(key)?.name ?? key, value]));
  }

  #checkKeys(row: Row, origin: RowOrigin): void {
    for (const column of this.#keys) {
      const value = row[this.shape.column(column)?.key ?? column];
      if (value === undefined || value === null) throw rowWithoutKey(row, column, this.#keys, origin);
    }
  }
}

function asRow(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value };
  if (isPlainObject(value)) return value as Row;
  const plain = plainValue(value);
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Row) : { value: plain };
}

/** Whether there is what `JSON.stringify` makes of a lone surrogate, which the engine refuses; or a text that looks like it. */
function mayHoldSurrogates(text: string): boolean {
  return text.includes('\\ud');
}

function longestLineOf(chunk: Buffer): number {
  let longest = 0;
  for (let start = 0; start < chunk.length; ) {
    const end = chunk.indexOf(0x0a, start);
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
}

/** Enough of a row to find it, short enough for a message. */
const shownCharacters = 200;

function rowWithoutKey(row: Row, column: string, keys: readonly string[], origin: RowOrigin): SchemaError {
  const text = membersJson(Object.entries(row));
  const start = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  const problem = Object.hasOwn(row, column) ? 'has NULL in' : 'has no value for';
  return new SchemaError(
    'ERR_ROW_WITHOUT_KEY',
    `row ${origin.index} of page ${origin.page} ${problem} the key column "${column}": ${start} ` +
      `The key (${keys.join(', ')}) must be in every row. Choose another key, or drop such rows before the sink, for example with filterRows`,
    { column, origin },
  );
}
