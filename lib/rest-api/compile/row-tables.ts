// The tables that the rows of a resource name: which rows go to which, and what is written of each table by what its rows say of it.
import { inspect } from 'node:util';
import type { Json, Row, Rows } from '../../core/index.js';
import { compileExpression } from '../plan/expression.js';
import type { ResourcePlan } from '../plan/plan.js';
import type { SinkPlan } from '../plan/sink-plan.js';
import { tableKey, tableNameFault } from '../plan/table-names.js';
import { ResourceError } from '../resource-error.js';
import { TableHints } from './table-hints.js';

/** The resource that writes a table, by the key of its name: over all resources of a run. */
export type TableOwners = Map<string, { readonly table: string; readonly resource: string }>;

/** Divides the pages of one resource. */
export class RowTables {
  readonly #plan: ResourcePlan;
  readonly #owners: TableOwners;
  readonly #tableOf: (row: Row) => unknown;
  readonly #named: ReadonlySet<string> | undefined;
  readonly #found = new Set<string>();
  readonly #hints: TableHints | undefined;
  readonly #divided = new WeakMap<readonly Row[], ReadonlyMap<string, readonly Row[]>>();

  /** @param owners has the tables that are known beforehand, and gets those that are found */
  constructor(plan: ResourcePlan, owners: TableOwners) {
    const { by, tables } = plan.split!;
    this.#plan = plan;
    this.#owners = owners;
    this.#named = tables && new Set(tables);
    this.#tableOf = typeof by === 'string' ? compileExpression(by) : (by as (row: Row) => unknown);
    this.#hints = plan.rowHints && new TableHints(plan.name, plan.rowHints);
  }

  /** Those that rows have come of, in this run or in the part of it that was cut short. */
  get found(): readonly string[] {
    return [...this.#found];
  }

  has(table: string): boolean {
    return this.#found.has(table) || (this.#named?.has(table) ?? false);
  }

  /**
   * The rows of a page by their tables. Each page is divided once, however often it is asked for.
   * @throws ResourceError `ERR_TABLE_NAME`, `ERR_TABLE_HINT`
   */
  divide({ rows, position }: Rows<Row>): ReadonlyMap<string, readonly Row[]> {
    const known = this.#divided.get(rows);
    if (known) return known;
    const divided = new Map<string, Row[]>();
    for (const [index, row] of rows.entries()) {
      const where = `row ${index} of page ${position.page}`;
      const table = this.#name(row, where);
      if (this.#hints?.take({ table, row, where }) === false) continue;
      const own = divided.get(table);
      if (own) own.push(row);
      else divided.set(table, [row]);
    }
    this.#divided.set(rows, divided);
    return divided;
  }

  /** What the sink of a table is told. */
  sinkOf(table: string): SinkPlan {
    return this.#hints?.sinkOf(table, this.#plan.sink) ?? this.#plan.sink;
  }

  /** What the rows of a table have said of it. */
  remembered(table: string): Json {
    return this.#hints?.remembered(table) ?? null;
  }

  /** Takes back what was recalled. */
  forget(table: string): void {
    this.#found.delete(table);
    this.#owners.delete(tableKey(table));
    this.#hints?.forget(table);
  }

  /** @throws ResourceError `ERR_TABLE_NAME` for a table that is none of its tables any more */
  recall(table: string, remembered: Json): void {
    if (this.#named?.has(table) === false) {
      const advice = 'Name it again, or remove what the run has staged: ".sluice" in the folder of the tables';
      throw this.#fault(
        `does not name the table "${table}" any more, of which the run that was cut short has rows. ${advice}`,
      );
    }
    this.#found.add(table);
    this.#owners.set(tableKey(table), { table, resource: this.#plan.name });
    this.#hints?.recall(table, remembered);
  }

  #name(row: Row, where: string): string {
    let table: unknown;
    try {
      table = this.#tableOf(row);
    } catch (error) {
      throw this.#fault(`failed at ${where}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    if (typeof table === 'string' && this.#found.has(table)) return table;
    // It is refused below; that it fails must not end the process.
    if (table instanceof Promise) table.catch(() => undefined);
    const fault = this.#faultOf(table);
    if (fault !== undefined)
      throw this.#fault(`gives ${shownName(table)} for ${where}, ${fault}, or leave such rows out by a filter`);
    this.#found.add(table as string);
    this.#owners.set(tableKey(table as string), { table: table as string, resource: this.#plan.name });
    return table as string;
  }

  /** What is wrong with a name, and what to do. */
  #faultOf(table: unknown): string | undefined {
    if (this.#named !== undefined) {
      if (typeof table === 'string' && this.#named.has(table)) return undefined;
      return `which is none of its tables: ${[...this.#named].join(', ')}. Add it to "tables"`;
    }
    if (typeof table !== 'string' || table === '') return 'which is no name of a table. Give a text';
    const unsafe = tableNameFault(table);
    if (unsafe !== undefined) return `which ${unsafe}, and the table is a file of that name. Give another name`;
    const owner = this.#owners.get(tableKey(table));
    if (owner === undefined) return undefined;
    if (owner.resource !== this.#plan.name)
      return `and the resource "${owner.resource}" writes the table "${owner.table}". Give another name`;
    return owner.table === table
      ? undefined
      : `and there is the table "${owner.table}": upper and lower case are the same in names of tables. Give one name`;
  }

  #fault(what: string, cause?: unknown): ResourceError {
    const place = this.#named === undefined ? 'table_name' : 'table_name.by';
    return new ResourceError('ERR_TABLE_NAME', this.#plan.name, `${place} ${what}`, { cause });
  }
}

function shownName(table: unknown): string {
  if (table === undefined) return 'nothing';
  if (table instanceof Promise) return 'a promise';
  return typeof table === 'string' ? JSON.stringify(table) : inspect(table, { breakLength: Number.POSITIVE_INFINITY });
}
