// How DuckDB's types, Sluice's and Arrow's correspond.
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  LIST,
  DuckDBStructType as Struct_,
  TIME,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import {
  Binary,
  Bool,
  DataType,
  type Date_,
  DateDay,
  DateUnit,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  type Time,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimeUnit,
  Type,
  Utf8,
} from 'apache-arrow';
import type { ColumnType, TableSchema } from '../schema/index.js';
import { TableError } from './table-error.js';

/** The Arrow type of a column of a DuckDB query. @throws TableError `ERR_TABLE_TYPE` for a type that no table of Sluice has. */
export function arrowType(type: DuckDBType, table: string, column: string): DataType {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return new Bool();
    case DuckDBTypeId.INTEGER:
      return new Int32();
    case DuckDBTypeId.BIGINT:
      return new Int64();
    case DuckDBTypeId.DOUBLE:
      return new Float64();
    case DuckDBTypeId.DECIMAL: {
      const { scale, width } = type as DuckDBDecimalType;
      return new Decimal(scale, width, 128);
    }
    case DuckDBTypeId.VARCHAR:
      return new Utf8();
    case DuckDBTypeId.BLOB:
      return new Binary();
    case DuckDBTypeId.DATE:
      return new DateDay();
    case DuckDBTypeId.TIME:
      return new TimeMicrosecond();
    case DuckDBTypeId.TIMESTAMP_TZ:
      return new TimestampMicrosecond('UTC');
    case DuckDBTypeId.TIMESTAMP:
      return new TimestampMicrosecond();
    case DuckDBTypeId.LIST:
      return new List(new Field('item', arrowType((type as DuckDBListType).valueType, table, column), true));
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      return new Struct(
        entryTypes.map((entry, at) => new Field(entryNames[at]!, arrowType(entry, table, column), true)),
      );
    }
    default:
      throw new TableError(
        'ERR_TABLE_TYPE',
        table,
        `column ${column}: DuckDB's ${type} has no counterpart in an Arrow file here`,
      );
  }
}

/** The Arrow schema of a query's result. Nullability and descriptions are those of `schema`, found by name. */
export function arrowSchema(
  names: readonly string[],
  types: readonly DataType[],
  schema: TableSchema,
  metadata: Readonly<Record<string, string>>,
): Schema {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const fields = names.map((name, at) => {
    const column = columns.get(name);
    const about = column?.description === undefined ? null : new Map([['description', column.description]]);
    return new Field(name, types[at]!, column?.nullable ?? true, about);
  });
  return new Schema(fields, new Map(Object.entries(metadata)));
}

/** The column type of an Arrow field. @throws TableError `ERR_TABLE_TYPE` for one that cannot be read without loss. */
export function columnType(type: DataType, table: string, column: string): ColumnType {
  switch (type.typeId) {
    case Type.Null:
      return { kind: 'unknown' };
    case Type.Bool:
      return { kind: 'bool' };
    case Type.Int:
      return DataType.isInt(type) && !type.isSigned && type.bitWidth === 64
        ? { kind: 'decimal', precision: 20, scale: 0 }
        : { kind: 'bigint' };
    case Type.Float:
      return { kind: 'double' };
    case Type.Decimal: {
      const { precision, scale, bitWidth } = type as Decimal;
      if (bitWidth === 128 && scale >= 0) return { kind: 'decimal', precision, scale };
      break;
    }
    case Type.Utf8:
    case Type.LargeUtf8:
      return { kind: 'text' };
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
      return { kind: 'binary' };
    case Type.Date:
      return (type as Date_).unit === DateUnit.DAY ? { kind: 'date' } : { kind: 'timestamp' };
    case Type.Time:
      if ((type as Time).unit === TimeUnit.NANOSECOND) break;
      return { kind: 'time' };
    case Type.Timestamp:
      if (DataType.isTimestamp(type) && type.unit === TimeUnit.NANOSECOND) break;
      return { kind: 'timestamp' };
    case Type.Dictionary:
      return columnType((type as unknown as { dictionary: DataType }).dictionary, table, column);
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      return { kind: 'list', item: columnType(type.children[0]!.type, table, column) };
    case Type.Struct:
      return {
        kind: 'struct',
        fields: type.children.map((field) => ({ name: field.name, type: columnType(field.type, table, column) })),
      };
  }
  throw new TableError(
    'ERR_TABLE_TYPE',
    table,
    `column ${column}: an Arrow ${type} cannot be read without loss. Write the file anew without it, or choose another path`,
  );
}

/** The DuckDB type that holds a column type. */
export function duckdbType(type: ColumnType): DuckDBType {
  switch (type.kind) {
    case 'bool':
      return BOOLEAN;
    case 'bigint':
      return BIGINT;
    case 'double':
      return DOUBLE;
    case 'decimal':
      return DECIMAL(type.precision, type.scale);
    case 'unknown':
    case 'text':
    case 'json':
      return VARCHAR;
    case 'timestamp':
      return TIMESTAMPTZ;
    case 'date':
      return DATE;
    case 'time':
      return TIME;
    case 'binary':
      return BLOB;
    case 'list':
      return LIST(duckdbType(type.item));
    case 'struct':
      return new Struct_(
        type.fields.map((field) => field.name),
        type.fields.map((field) => duckdbType(field.type)),
      );
  }
}
