// Takes in the rows of a table that does not exist and that the contract lets nobody make: all are left out.
import type { Json } from '../core/index.js';
import type { DeadLetter, RowIssue } from './contract.js';
import type { EncodedRows, PageOfRows, TableEncoder } from './encode.js';
import { Shape } from './shape.js';

export class ClosedTableEncoder implements TableEncoder {
  readonly shape = new Shape();
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  get version(): number {
    return this.shape.version;
  }

  toJSON(): Json {
    return this.shape.toJSON();
  }

  encode(rows: readonly unknown[], { page }: PageOfRows): EncodedRows {
    const message = `there is no table "${this.#table}" yet, and the contract allows no new one`;
    const discarded = rows.map((row, index): DeadLetter => {
      const origin = { page, index };
      const issue: RowIssue = { code: 'new_table', action: 'row discarded', column: '', message, origin };
      return { row, origin, issues: [issue] };
    });
    const issues = discarded.flatMap((letter) => letter.issues);
    return { chunk: Buffer.alloc(0), rows: 0, longestLine: 0, issues, discarded };
  }
}
