// What rows say of their tables, by hints that are functions. The first row of a table says what it is like, and all others must say the same.
import type * as z from 'zod';
import { type Json, OptionError, type Row } from '../../core/index.js';
import { type ColumnsOption, plainColumns } from '../../schema/index.js';
import { findings } from '../check/from-zod.js';
import { rowHintSchemas } from '../config/resource-schema.js';
import { isSkipped } from '../plan/disposition.js';
import type { RowHintsPlan } from '../plan/plan.js';
import type { RowHintKey } from '../plan/row-hints.js';
import type { SinkPlan } from '../plan/sink-plan.js';
import { ResourceError } from '../resource-error.js';
import { snakeCase } from './camel-case.js';

/** One hint of one table. */
interface Settled {
  /** As JSON; `undefined`: nothing was said. */
  readonly value: Json | undefined;
  /** By which values are compared. */
  readonly text: string | undefined;
  /** What the function gave last, or its text: the same again needs no closer look. */
  given: unknown;
}

interface HintsOfTable {
  readonly hints: ReadonlyMap<RowHintKey, Settled>;
  readonly sink: SinkPlan;
  readonly isSkipped: boolean;
  /** The row that said it. */
  readonly where: string;
}

/** What a row is asked for. */
interface Question {
  readonly table: string;
  readonly row: Row;
  readonly where: string;
}

/** Stands for what a function has not given yet. */
const unasked = Symbol('unasked');
const earlierRow = 'a row of the run that was cut short';

/** Of one resource. */
export class TableHints {
  readonly #resource: string;
  readonly #plan: RowHintsPlan;
  readonly #functions: readonly (readonly [RowHintKey, (row: Row) => unknown])[];
  readonly #tables = new Map<string, HintsOfTable>();

  constructor(resource: string, plan: RowHintsPlan) {
    this.#resource = resource;
    this.#plan = plan;
    this.#functions = Object.entries(plan.functions) as [RowHintKey, (row: Row) => unknown][];
  }

  /**
   * Takes what a row says of its table.
   * @returns whether the table is to be written
   * @throws ResourceError `ERR_TABLE_HINT`
   */
  take(question: Question): boolean {
    const known = this.#tables.get(question.table);
    if (known === undefined) return !this.#settle(question).isSkipped;
    for (const [key, work] of this.#functions) this.#compare(known, key, this.#ask(key, work, question), question);
    return !known.isSkipped;
  }

  /** What the sink of a table is told. Of one without a row it is not known what it is like: it is told nothing that would change it. */
  sinkOf(table: string, literal: SinkPlan): SinkPlan {
    const known = this.#tables.get(table);
    if (known) return known.sink;
    if (literal.writeDisposition === 'replace') return literal;
    const { primaryKey: _, mergeKey: __, deleteMissing: ___, columns: ____, schemaContract: _____, ...rest } = literal;
    return { ...rest, writeDisposition: 'append' };
  }

  /** What is known of a table, for `recall`. */
  remembered(table: string): Json {
    return valuesOf(this.#tables.get(table)!.hints);
  }

  /** Takes back what was recalled. */
  forget(table: string): void {
    this.#tables.delete(table);
  }

  recall(table: string, remembered: Json): void {
    const values = remembered as Readonly<Record<string, Json>>;
    const hints = this.#functions.map(([key]) => {
      const value = values[key];
      return [key, { value, text: textOf(value), given: unasked }] as const;
    });
    this.#resolve(new Map(hints), { table, where: earlierRow });
  }

  #settle(question: Question): HintsOfTable {
    const hints = this.#functions.map(([key, work]) => {
      const given = this.#ask(key, work, question);
      const value = this.#valid(key, given, question);
      return [key, { value, text: textOf(value), given }] as const;
    });
    return this.#resolve(new Map(hints), question);
  }

  #resolve(hints: HintsOfTable['hints'], { table, where }: Omit<Question, 'row'>): HintsOfTable {
    const values = valuesOf(hints);
    const place = { table, where };
    const sink = this.#fitting([...hints.keys()].join(', '), place, () => {
      const sink = this.#plan.sink(values);
      const fault = this.#plan.fault(sink, table);
      if (fault) throw new OptionError(fault.path.join('.'), fault.message);
      return sink;
    });
    const made = { hints, sink, where, isSkipped: isSkipped(values) };
    this.#tables.set(table, made);
    return made;
  }

  #compare({ hints, where }: HintsOfTable, key: RowHintKey, given: unknown, question: Question): void {
    const hint = hints.get(key)!;
    const seen = seenAs(key, given);
    if (seen === hint.given) return;
    const text = textOf(this.#valid(key, given, question));
    if (text === hint.text) {
      hint.given = seen;
      return;
    }
    const anew =
      where === earlierRow
        ? ' To begin anew, remove what the run has staged: ".sluice" in the folder of the tables.'
        : '';
    const message = `is ${text ?? 'nothing'}, and ${hint.text ?? 'nothing'} for ${where}: a table has one for all of its rows. Let "table_name" give such rows a table of their own.${anew}`;
    throw this.#fault(key, question, message);
  }

  #ask(key: RowHintKey, work: (row: Row) => unknown, question: Question): unknown {
    let given: unknown;
    try {
      given = work(question.row);
    } catch (error) {
      throw this.#fault(key, question, `failed: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    if (!(given instanceof Promise)) return given;
    given.catch(() => undefined);
    throw this.#fault(key, question, 'is a promise: a row is not waited for, give the value itself');
  }

  /** The value as JSON. */
  #valid(key: RowHintKey, given: unknown, question: Question): Json | undefined {
    if (given === undefined || given === null) return undefined;
    const { error } = (rowHintSchemas[key] as z.ZodType).safeParse(given);
    if (error === undefined) return this.#fitting(key, question, () => plain(key, given));
    // What is wrong in the words of a configuration in which the value stands.
    const issues = error.issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));
    const [first, ...others] = findings(issues, { [key]: given });
    const more = others.map(({ path, message }) => `; ${path.join('.')} ${message}`).join('');
    throw this.#fault(first!.path.join('.'), question, `${first!.message}${more}`);
  }

  /** Options that do not fit are the fault of the row that said them. */
  #fitting<T>(keys: string, question: Omit<Question, 'row'>, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      throw this.#fault(keys, question, `does not fit: ${snakeCase(error.message)}`, error);
    }
  }

  #fault(hint: string, { table, where }: Omit<Question, 'row'>, what: string, cause?: unknown): ResourceError {
    const message = `${hint} of the table "${table}", for ${where}, ${what}`;
    return new ResourceError('ERR_TABLE_HINT', this.#resource, message, { cause });
  }
}

function valuesOf(hints: HintsOfTable['hints']): Record<string, Json> {
  return Object.fromEntries([...hints].flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])));
}

/** By which a value is known when it comes again: functions often give the same in a new object. A schema has no text that tells all of it. */
function seenAs(key: RowHintKey, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const mayHoldSchema = key === 'nested_hints' || (key === 'columns' && '~standard' in given);
  if (mayHoldSchema) return given;
  try {
    return `\0${JSON.stringify(given)}`;
  } catch {
    // What is wrong with it is told by the closer look.
    return given;
  }
}

/** Schemas of a library become JSON Schemas, and instants texts. */
function plain(key: RowHintKey, given: unknown): Json {
  const value =
    key === 'columns'
      ? plainColumns(given as ColumnsOption)
      : key === 'nested_hints'
        ? plainHints(given as Readonly<Record<string, { readonly columns?: ColumnsOption }>>)
        : given;
  return JSON.parse(JSON.stringify(value)) as Json;
}

function plainHints(hints: Readonly<Record<string, { readonly columns?: ColumnsOption }>>): object {
  const entries = Object.entries(hints).map(([path, hint]) => {
    const { columns } = hint;
    return [path, columns === undefined ? hint : { ...hint, columns: plainColumns(columns, path) }] as const;
  });
  return Object.fromEntries(entries);
}

/** The same for values that are alike, in whatever order their keys are. */
function textOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value, sorted);
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
