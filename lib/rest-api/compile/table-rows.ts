// The rows of a resource that go to one of its tables.
import { map, type Observable } from 'rxjs';
import type { Row, Rows } from '../../core/index.js';
import { compileExpression, ExpressionFault } from '../plan/expression.js';
import type { TableSplit } from '../plan/table-names.js';
import { ResourceError } from '../resource-error.js';

/** Divides the pages of one resource. Each page is divided once, for all tables. */
export class TableRows {
  readonly #resource: string;
  readonly #tables: ReadonlySet<string>;
  readonly #tableOf: (row: Row) => unknown;
  readonly #divided = new WeakMap<readonly Row[], ReadonlyMap<string, readonly Row[]>>();

  constructor(resource: string, { by, tables }: TableSplit) {
    this.#resource = resource;
    this.#tables = new Set(tables);
    this.#tableOf = typeof by === 'string' ? compileExpression(by) : (by as (row: Row) => unknown);
  }

  /** The pages with the rows of a table; those without any are empty. */
  of(table: string, pages: Observable<Rows<Row>>): Observable<Rows<Row>> {
    return pages.pipe(map(({ raw: _, ...page }) => ({ ...page, rows: this.#divide(page).get(table) ?? [] })));
  }

  #divide({ rows, position }: Rows<Row>): ReadonlyMap<string, readonly Row[]> {
    const known = this.#divided.get(rows);
    if (known) return known;
    const divided = new Map<string, Row[]>();
    for (const [index, row] of rows.entries()) {
      const table = this.#name(row, `row ${index} of page ${position.page}`);
      const own = divided.get(table);
      if (own) own.push(row);
      else divided.set(table, [row]);
    }
    this.#divided.set(rows, divided);
    return divided;
  }

  #name(row: Row, where: string): string {
    let table: unknown;
    try {
      table = this.#tableOf(row);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      throw new ResourceError('ERR_TABLE_NAME', this.#resource, `table_name.by failed at ${where}: ${error.message}`);
    }
    if (typeof table === 'string' && this.#tables.has(table)) return table;
    const message = `table_name.by gives ${JSON.stringify(table)} for ${where}, which is none of its tables: ${[...this.#tables].join(', ')}. Add it to "tables", or leave such rows out by a filter`;
    throw new ResourceError('ERR_TABLE_NAME', this.#resource, message);
  }
}
