// Columns that a user declares: dlt's keys as an object or a list, a zod schema, or a JSON Schema.
import { checkNames, namesOf, OptionError } from '../core/index.js';
import type { ColumnHint } from './column-hint.js';
import { hintsFromJsonSchema, type JsonSchema } from './json-schema.js';
import type { ColumnType } from './type.js';

/** dlt's words for types. `complex` is what older versions called `json`. */
export type DataType =
  | 'text'
  | 'double'
  | 'bool'
  | 'timestamp'
  | 'date'
  | 'time'
  | 'bigint'
  | 'binary'
  | 'json'
  | 'complex'
  | 'decimal'
  | 'wei';

/** A column as dlt declares it. Whatever is left out is found from the rows. */
export interface ColumnDeclaration {
  readonly name?: string;
  readonly data_type?: DataType;
  /** `false`: a row without it is against the contract. @default true */
  readonly nullable?: boolean;
  /** Digits in all, of a decimal. Taken and not needed for other types. @default 38 */
  readonly precision?: number;
  /** Digits behind the point, of a decimal. @default 9 */
  readonly scale?: number;
  /** Taken and not needed: a timestamp is an instant, in UTC where it has no offset. */
  readonly timezone?: boolean;
  readonly primary_key?: boolean;
  readonly merge_key?: boolean;
  readonly unique?: boolean;
  readonly dedup_sort?: 'asc' | 'desc';
  readonly hard_delete?: boolean;
  readonly description?: string;
}

/** A library's schema that can be turned into JSON Schema, as zod's can (https://standardschema.dev). */
export interface StandardJsonSchema {
  readonly '~standard': {
    readonly vendor: string;
    readonly jsonSchema: {
      readonly output: (options: { target: 'draft-2020-12'; libraryOptions?: Record<string, unknown> }) => unknown;
    };
  };
}

/** Everything that declares columns. */
export type ColumnsOption =
  | readonly ColumnDeclaration[]
  | Readonly<Record<string, ColumnDeclaration>>
  | StandardJsonSchema
  | JsonSchema;

/**
 * Reads a declaration of columns.
 *
 * @throws OptionError `ERR_INVALID_OPTION` for what is none of the four, a type that does not exist, a column given twice.
 * @example columnHints({ price: { data_type: 'decimal', scale: 2 }, id: { primary_key: true } })
 */
export function columnHints(columns: ColumnsOption, option = 'columns'): ColumnHint[] {
  if (typeof columns !== 'object' || columns === null)
    throw new OptionError(option, 'give an object, a list, a zod schema or a JSON Schema');
  if (Array.isArray(columns))
    return unique(
      columns.map((column, i) => hint(column, undefined, `${option}[${i}]`)),
      option,
    );
  const library = '~standard' in columns ? (columns as StandardJsonSchema)['~standard'] : undefined;
  if (library !== undefined) return hintsFromJsonSchema(jsonSchemaOf(library, option), option);
  if (isJsonSchema(columns)) return hintsFromJsonSchema(columns, option);
  const entries = Object.entries(columns as Readonly<Record<string, ColumnDeclaration>>);
  return unique(
    entries.map(([name, column]) => hint(column, name, `${option}.${name}`)),
    option,
  );
}

/** The declaration as plain JSON: a library's schema becomes the JSON Schema that says the same. @throws OptionError `ERR_INVALID_OPTION` */
export function plainColumns(columns: ColumnsOption, option = 'columns'): ColumnsOption {
  return '~standard' in columns ? jsonSchemaOf((columns as StandardJsonSchema)['~standard'], option) : columns;
}

/** Whether a declaration is one of whole rows: a schema, not a list of some columns. */
export function declaresRows(columns: ColumnsOption): boolean {
  return !Array.isArray(columns) && ('~standard' in columns || isJsonSchema(columns));
}

/** An object with a column called `properties` is told from a JSON Schema by what else a schema has. */
function isJsonSchema(columns: object): columns is JsonSchema {
  const { type, properties, $schema, $ref } = columns as Readonly<Record<string, unknown>>;
  if (typeof $schema === 'string' || typeof $ref === 'string') return true;
  return type === 'object' && typeof properties === 'object' && properties !== null;
}

function jsonSchemaOf(library: StandardJsonSchema['~standard'], option: string): JsonSchema {
  if (typeof library.jsonSchema?.output !== 'function') {
    throw new OptionError(
      option,
      `this version of ${library.vendor} cannot describe its schemas as JSON Schema. Update it, or give a JSON Schema`,
    );
  }
  return library.jsonSchema.output({
    target: 'draft-2020-12',
    // What JSON has no word for; only zod reads this.
    libraryOptions: { unrepresentable: 'any', override: describeForeign },
  }) as JsonSchema;
}

function describeForeign({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: { _zod?: { def?: { type?: string } } };
  jsonSchema: Record<string, unknown>;
}): void {
  const type = zodSchema._zod?.def?.type;
  if (type === 'bigint') jsonSchema['type'] = 'integer';
  if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
}

const declared = namesOf<ColumnDeclaration>({
  name: true,
  data_type: true,
  nullable: true,
  precision: true,
  scale: true,
  timezone: true,
  primary_key: true,
  merge_key: true,
  unique: true,
  dedup_sort: true,
  hard_delete: true,
  description: true,
});

function hint(column: ColumnDeclaration, key: string | undefined, option: string): ColumnHint {
  if (typeof column !== 'object' || column === null)
    throw new OptionError(option, 'a column is an object, such as { data_type: "text" }');
  checkNames(column, declared, option);
  const name = column.name ?? key;
  if (typeof name !== 'string' || name === '') throw new OptionError(option, 'the column has no name');
  const type = column.data_type === undefined ? undefined : typeOf(column, `${option}.data_type`);
  return {
    name,
    ...(type && { type }),
    ...(column.nullable !== undefined && { nullable: column.nullable }),
    ...(column.description !== undefined && { description: column.description }),
    ...(column.primary_key && { primaryKey: true }),
    ...(column.merge_key && { mergeKey: true }),
    ...(column.unique && { unique: true }),
    ...(column.dedup_sort && { dedupSort: column.dedup_sort }),
    ...(column.hard_delete && { hardDelete: true }),
  };
}

const simpleTypes: Readonly<Record<Exclude<DataType, 'decimal'>, ColumnType>> = {
  text: { kind: 'text' },
  double: { kind: 'double' },
  bool: { kind: 'bool' },
  timestamp: { kind: 'timestamp' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  bigint: { kind: 'bigint' },
  binary: { kind: 'binary' },
  json: { kind: 'json' },
  complex: { kind: 'json' },
  wei: { kind: 'decimal', precision: 38, scale: 0 },
};

function typeOf({ data_type: type, precision = 38, scale }: ColumnDeclaration, option: string): ColumnType {
  if (type === 'decimal') {
    const digits = scale ?? Math.min(9, precision);
    const valid =
      [precision, digits].every(Number.isInteger) &&
      precision >= 1 &&
      precision <= 38 &&
      digits >= 0 &&
      digits <= precision;
    if (!valid)
      throw new OptionError(
        option,
        `decimal(${precision},${digits}): the precision is 1 to 38, the scale at most the precision`,
      );
    return { kind: 'decimal', precision, scale: digits };
  }
  const simple = Object.hasOwn(simpleTypes, type!) ? simpleTypes[type as keyof typeof simpleTypes] : undefined;
  if (simple) return simple;
  throw new OptionError(
    option,
    `there is no type ${JSON.stringify(type)}. The types are ${[...Object.keys(simpleTypes), 'decimal'].join(', ')}`,
  );
}

function unique(hints: ColumnHint[], option: string): ColumnHint[] {
  const names = new Set<string>();
  for (const { name } of hints) {
    if (names.has(name)) throw new OptionError(option, `the column "${name}" is declared twice`);
    names.add(name);
  }
  return hints;
}
