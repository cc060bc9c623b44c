// How a table is divided into the folders of a directory: by the values of columns, or by a part of a date.
import { checkNames, OptionError } from '../../core/index.js';
import { type Column, type ColumnType, sqlType, type TableSchema } from '../../schema/index.js';
import { identifier, literal } from '../sql-text.js';
import { TableError } from '../table-error.js';

/** What of a column's value tells the partition: all of it, or the year, month, day or hour of it, in UTC. */
export type PartitionTransform = 'identity' | 'year' | 'month' | 'day' | 'hour';

export interface PartitionField {
  /** A column at the top of the row. */
  readonly column: string;
  /** @default 'identity' */
  readonly transform?: PartitionTransform;
}

export type PartitionBy = string | PartitionField | readonly (string | PartitionField)[];

/** The value of each partition field, as text; `null` for NULL. */
export type PartitionValues = readonly (string | null)[];

const formats: Readonly<Record<Exclude<PartitionTransform, 'identity'>, string>> = {
  year: '%Y',
  month: '%Y-%m',
  day: '%Y-%m-%d',
  hour: '%Y-%m-%dT%H',
};

/** One level of folders. */
export class Partition {
  readonly column: string;
  readonly transform: PartitionTransform;

  constructor({ column, transform = 'identity' }: PartitionField) {
    this.column = column;
    this.transform = transform;
  }

  /** What the folders are called: `country`, `created_at_month`. */
  get name(): string {
    return this.transform === 'identity' ? this.column : `${this.column}_${this.transform}`;
  }

  /** The value as text, in SQL. @throws TableError `ERR_TABLE_TYPE` when the column is not there, or is of a type that has none. */
  expression(schema: TableSchema, table: string): string {
    const column = schema.columns.find(({ name }) => name === this.column);
    if (column === undefined) {
      const known = schema.columns.map(({ name }) => name).join(', ');
      throw new TableError(
        'ERR_TABLE_TYPE',
        table,
        `it is partitioned by ${this.column}, and has no such column. It has ${known}.`,
      );
    }
    const sql = identifier(this.column);
    const { type } = column;
    // A column in which only NULL came may become anything.
    if (type.kind === 'unknown') return 'CAST(NULL AS VARCHAR)';
    if (this.transform === 'identity') {
      if (whole.has(type.kind)) return `CAST(${sql} AS VARCHAR)`;
    } else {
      this.#checkName(schema, table);
      const format = literal(formats[this.transform]);
      if (type.kind === 'timestamp') return `strftime(timezone('UTC', ${sql}), ${format})`;
      if (type.kind === 'date' && this.transform !== 'hour') return `strftime(${sql}, ${format})`;
    }
    throw new TableError('ERR_TABLE_TYPE', table, this.#wrongType(type));
  }

  #wrongType(type: ColumnType): string {
    const is = `the column ${this.column} is ${sqlType(type)}`;
    if (this.transform === 'identity')
      return `${is}, and folders are made of texts, numbers, dates and times only. Partition by another column.`;
    const { column, transform } = this;
    const advice = `Declare it, such as columns: { ${JSON.stringify(column)}: { data_type: 'timestamp' } }, or partition by another.`;
    return `${is}, and has no ${transform}. ${advice}`;
  }

  /** Readers make a column of each level of folders. */
  #checkName(schema: TableSchema, table: string): void {
    if (!schema.columns.some(({ name }) => name.toLowerCase() === this.name.toLowerCase())) return;
    const message = `its partitions are called ${this.name}, and so is one of its columns. Rename the column.`;
    throw new TableError('ERR_TABLE_TYPE', table, message);
  }
}

/** Types whose text stands for the value, and for no other. */
const whole: ReadonlySet<ColumnType['kind']> = new Set([
  'bool',
  'bigint',
  'decimal',
  'text',
  'date',
  'time',
  'timestamp',
] as const);

/** @throws OptionError `ERR_INVALID_OPTION` */
export function partitionsOf(option: PartitionBy | undefined): readonly Partition[] {
  const list = option === undefined ? [] : isList(option) ? option : [option];
  const partitions = list.map((each) => {
    const field = typeof each === 'string' ? { column: each } : each;
    checkNames(field, ['column', 'transform'], 'partitionBy');
    if (typeof field.column !== 'string' || field.column === '') {
      throw new OptionError(
        'partitionBy',
        "must name columns, such as 'country' or { column: 'at', transform: 'month' }",
      );
    }
    if (field.transform !== undefined && field.transform !== 'identity' && !(field.transform in formats)) {
      const known = ['identity', ...Object.keys(formats)].join(', ');
      throw new OptionError('partitionBy', `there is no transform "${field.transform}". Give ${known}`);
    }
    return new Partition(field);
  });
  const names = partitions.map(({ name }) => name.toLowerCase());
  if (new Set(names).size < names.length) throw new OptionError('partitionBy', 'names the same partition twice');
  return partitions;
}

function isList(option: PartitionBy): option is readonly (string | PartitionField)[] {
  return Array.isArray(option);
}

/** The columns that the files hold: those whose value the folder tells are left out, as readers of such directories expect. */
export function fileColumns(schema: TableSchema, partitions: readonly Partition[], table: string): readonly Column[] {
  const told = new Set(partitions.filter(({ transform }) => transform === 'identity').map(({ column }) => column));
  const columns = schema.columns.filter(({ name }) => !told.has(name));
  if (columns.length > 0) return columns;
  throw new TableError(
    'ERR_TABLE_TYPE',
    table,
    'it is partitioned by all of its columns, so that none is left for its files.',
  );
}

const nullFolder = '__HIVE_DEFAULT_PARTITION__';
/** Texts that readers take for NULL: Hive's word for it, and one that DuckDB has beside that. */
const standsForNull = new RegExp(`^(${nullFolder}|null)$`, 'i');

/** The folders of a partition, such as `country=DE/created_at_month=2024-02`; empty without partitions. */
export function partitionPath(partitions: readonly Partition[], values: PartitionValues, table: string): string {
  const folders = partitions.map(({ name }, level) => {
    const value = values[level] ?? null;
    const text = value === null ? nullFolder : standsForNull.test(value) ? escapeFirst(value) : escapeName(value);
    const folder = `${escapeName(name)}=${text}`;
    if (Buffer.byteLength(folder) <= 255) return folder;
    const message = `a value of ${name} is too long for the name of a folder: ${value?.slice(0, 40)}…. Partition by another column.`;
    throw new TableError('ERR_TABLE_VALUE', table, message);
  });
  return folders.join('/');
}

/** As Hive writes them, so that every reader of such directories gets the value back. */
function escapeName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in the name of a folder
  return text.replace(/[\x00-\x1f"#%'*/:=?\\\x7f{[\]^]/g, escaped);
}

function escapeFirst(text: string): string {
  return escaped(text.charAt(0)) + text.slice(1);
}

function escaped(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
