// The contract between a table and its rows: what happens to a column that is new, and to a value that does not fit.
import { OptionError, type Row } from '../core/index.js';
import { coerce, misfit } from './coerce.js';
import type { ColumnHint } from './column-hint.js';
import { logJson } from './log-json.js';
import { foldName } from './names.js';
import { rowStart } from './row-start.js';
import { placeOf, type RowOrigin, SchemaError } from './schema-error.js';
import { displayType } from './sql.js';
import type { ColumnType } from './type.js';

/**
 * `evolve`: the table takes it in. `freeze`: the run fails. `discard_row`: the row is left out. `discard_value`: the value is left out.
 */
export type ContractMode = 'evolve' | 'freeze' | 'discard_row' | 'discard_value';

export interface ContractModes {
  /** A table that does not exist yet. */
  readonly tables: ContractMode;
  /** A column that the table does not have. */
  readonly columns: ContractMode;
  /** A value that its column's type cannot hold, and NULL in a column that was declared without. */
  readonly data_type: ContractMode;
}

/** One mode for everything, or one for each; what is left out evolves. */
export type ContractOption = ContractMode | Partial<ContractModes>;

const modes: readonly ContractMode[] = ['evolve', 'freeze', 'discard_row', 'discard_value'];
const entities = ['tables', 'columns', 'data_type'] as const;

/** @throws OptionError `ERR_INVALID_OPTION` */
export function contractModes(contract: ContractOption = 'evolve', option = 'schemaContract'): ContractModes {
  const given =
    typeof contract === 'string' ? Object.fromEntries(entities.map((entity) => [entity, contract])) : contract;
  for (const [entity, mode] of Object.entries(given)) {
    if (!entities.some((name) => name === entity))
      throw new OptionError(option, `there is no "${entity}". Give ${entities.join(', ')}`);
    if (!modes.includes(mode as ContractMode))
      throw new OptionError(
        option,
        `${entity}: there is no mode ${JSON.stringify(mode)}. The modes are ${modes.join(', ')}`,
      );
  }
  return { tables: 'evolve', columns: 'evolve', data_type: 'evolve', ...given };
}

/** One thing in a row that is against the contract. */
export interface RowIssue {
  readonly code: 'new_table' | 'new_column' | 'data_type' | 'null';
  /** What became of it. */
  readonly action: 'row discarded' | 'value discarded';
  readonly column: string;
  readonly message: string;
  readonly origin: RowOrigin;
}

/** The error of a table that does not exist and may not be made. */
export function frozenTable(table: string, reason: string): SchemaError {
  return new SchemaError(
    'ERR_SCHEMA_CONTRACT',
    `there is no table "${table}" yet, and ${reason}. The contract's tables are "freeze". Set them to "evolve" for the run that makes the table`,
  );
}

/** A row that was left out, or of which values were, as it came, and why. */
export interface DeadLetter {
  readonly row: unknown;
  readonly origin: RowOrigin;
  readonly issues: readonly RowIssue[];
}

/** Where a dead letter comes from, beside its page. */
export interface DeadLetterSource {
  readonly loadId: string;
  readonly table: string;
  readonly walk: string;
}

/** A dead letter as a line of JSON, for a file of them: where from, what was left out, why, and the row without loss. */
export function deadLetterLine({ row, origin, issues }: DeadLetter, { loadId, table, walk }: DeadLetterSource): string {
  const reasons = issues.map(({ code, column, message }) => ({ code, column, message }));
  const leftOut = issues.some(({ action }) => action === 'row discarded') ? 'row' : 'values';
  return `${logJson({ load_id: loadId, table, walk, ...origin, left_out: leftOut, reasons, row })}\n`;
}

/** What a contract makes of a row. */
export interface Judged {
  /** The row as it goes into the table; `undefined` when it is left out. */
  readonly row: Row | undefined;
  readonly issues: readonly RowIssue[];
}

/** A column that the contract knows. */
export interface KnownColumn {
  readonly name: string;
  /** What its values must fit. @default anything */
  readonly type?: ColumnType;
  /** @default true */
  readonly nullable?: boolean;
}

export interface ContractOptions {
  readonly table: string;
  readonly modes: ContractModes;
  readonly hints: readonly ColumnHint[];
  /** Whether the hints come from a schema of whole rows, so that a new table is held to them in its first run. @default false */
  readonly declaresAll?: boolean;
  /** The table's columns before this run; empty for a table that is new. */
  readonly existing: readonly KnownColumn[];
  /** The column that a key's values go to. */
  readonly nameOf: (key: string) => string;
}

const noIssues: readonly RowIssue[] = [];

/**
 * Holds the rows of a table to its contract. Declared types are applied in every mode: what fits in another form is written in the column's
 * own (`"12"` as 12). A new table takes any column in its first run, unless whole rows are declared.
 */
export class RowContract {
  readonly #options: ContractOptions;
  readonly #known = new Map<string, KnownColumn>();
  readonly #ofKey = new Map<string, KnownColumn | undefined>();
  readonly #required: readonly string[];
  readonly #closed: boolean;

  constructor(options: ContractOptions) {
    this.#options = options;
    const frozen = options.modes.data_type !== 'evolve';
    for (const { name, type } of options.existing) {
      this.#known.set(foldName(name), { name, ...(frozen && type && type.kind !== 'unknown' && { type }) });
    }
    for (const hint of options.hints) {
      const existing = this.#known.get(foldName(hint.name));
      const type = hint.type ?? existing?.type;
      this.#known.set(foldName(hint.name), { name: existing?.name ?? hint.name, ...(type && { type }) });
    }
    this.#required = options.hints.filter(({ nullable }) => nullable === false).map(({ name }) => name);
    this.#closed = options.modes.columns !== 'evolve' && (options.existing.length > 0 || options.declaresAll === true);
  }

  /** Whether there is nothing to hold rows to. */
  get isOpen(): boolean {
    const required = this.#options.modes.data_type !== 'evolve' && this.#required.length > 0;
    return !this.#closed && !required && [...this.#known.values()].every(({ type }) => type === undefined);
  }

  /** @throws SchemaError `ERR_SCHEMA_CONTRACT` when the contract is frozen and the row against it. */
  judge(row: Row, origin: RowOrigin): Judged {
    const judgement = new Judgement(row, origin, this.#options);
    for (const key in row) {
      const value = row[key];
      const known = this.#find(key);
      if (known === undefined) {
        if (this.#closed) judgement.newColumn(key, value);
      } else if (known.type !== undefined) {
        judgement.value(key, value, known.type);
      }
    }
    for (const name of this.#required) judgement.required(name);
    return judgement.result();
  }

  #find(key: string): KnownColumn | undefined {
    if (this.#ofKey.has(key)) return this.#ofKey.get(key);
    const name = this.#options.nameOf(key);
    const found = this.#known.get(foldName(name));
    // A key that is like a column but for its case gets a column of its own.
    const known = found?.name === name ? found : undefined;
    this.#ofKey.set(key, known);
    return known;
  }
}

/** One row on its way through the contract. */
class Judgement {
  readonly #row: Row;
  readonly #origin: RowOrigin;
  readonly #options: ContractOptions;
  #issues: RowIssue[] | undefined;
  #changes: Map<string, unknown> | undefined;
  #discarded = false;

  constructor(row: Row, origin: RowOrigin, options: ContractOptions) {
    this.#row = row;
    this.#origin = origin;
    this.#options = options;
  }

  newColumn(key: string, value: unknown): void {
    // NULL alone makes no column.
    if (value !== null && value !== undefined) this.#report('new_column', key, `the table has no column "${key}"`);
    this.#change(key, undefined);
  }

  value(key: string, value: unknown, type: ColumnType): void {
    const fitted = coerce(value, type, (path) => this.#extraField(path), key);
    if (fitted === misfit) {
      const problem = `the column "${key}" is ${displayType(type)}, and cannot hold ${rowStart(value)}`;
      if (this.#report('data_type', key, problem) !== 'evolve') this.#change(key, undefined);
    } else if (!Object.is(fitted, value)) {
      this.#change(key, fitted);
    }
  }

  required(name: string): void {
    if (this.#discarded) return;
    const key = Object.keys(this.#row).find((each) => this.#options.nameOf(each) === name) ?? name;
    const value = this.#changes?.has(key) ? this.#changes.get(key) : this.#row[key];
    if (value !== null && value !== undefined) return;
    // There is no value that could be left out.
    if (this.#options.modes.data_type === 'discard_value') return;
    this.#report('null', name, `the column "${name}" is declared without NULL, and the row has no value for it`);
  }

  result(): Judged {
    const issues = this.#issues ?? noIssues;
    if (this.#discarded) return { row: undefined, issues };
    if (this.#changes === undefined) return { row: this.#row, issues };
    const changes = this.#changes;
    const members = Object.entries(this.#row).map(([key, value]): [string, unknown] => [
      key,
      changes.has(key) ? changes.get(key) : value,
    ]);
    return { row: Object.fromEntries(members.filter(([, value]) => value !== undefined)), issues };
  }

  #extraField(path: string): 'keep' | 'drop' {
    return this.#report('new_column', path, `the declared object has no field "${path}"`) === 'evolve'
      ? 'keep'
      : 'drop';
  }

  #change(key: string, value: unknown): void {
    this.#changes ??= new Map();
    this.#changes.set(key, value);
  }

  #report(code: RowIssue['code'], column: string, problem: string): ContractMode {
    const mode = this.#options.modes[code === 'new_column' ? 'columns' : 'data_type'];
    if (mode === 'evolve') return mode;
    if (mode === 'freeze') throw frozen(this.#options.table, column, code, problem, this.#row, this.#origin);
    if (mode === 'discard_row') this.#discarded = true;
    const action = mode === 'discard_row' ? 'row discarded' : 'value discarded';
    this.#issues ??= [];
    this.#issues.push({ code, action, column, message: problem, origin: this.#origin });
    return mode;
  }
}

function frozen(
  table: string,
  column: string,
  code: RowIssue['code'],
  problem: string,
  row: Row,
  origin: RowOrigin,
): SchemaError {
  const entity = code === 'new_column' ? 'columns' : 'data_type';
  return new SchemaError(
    'ERR_SCHEMA_CONTRACT',
    `${placeOf(origin)} is against the contract of the table "${table}": ${problem}. The row: ${rowStart(row)} ` +
      `The contract's ${entity} is "freeze". Set it to "evolve" to take the row in, or to "discard_row" or "discard_value" to leave it out`,
    { column, origin },
  );
}
