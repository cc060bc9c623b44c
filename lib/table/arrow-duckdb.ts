// How DuckDB's types correspond to Arrow's and to Sluice's.
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBDecimalType,
  type DuckDBListType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  LIST,
  TIME,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import type { ColumnType } from '../schema/index.js';
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
      return new DuckDBStructType(
        type.fields.map((field) => field.name),
        type.fields.map((field) => duckdbType(field.type)),
      );
  }
}
