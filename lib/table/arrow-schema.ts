// How Arrow's types and Sluice's correspond.
import { DataType, type Date_, DateUnit, type Decimal, Field, Schema, type Time, TimeUnit, Type } from 'apache-arrow';
import type { ColumnType, TableSchema } from '../schema/index.js';
import { TableError } from './table-error.js';

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
    case Type.Utf8View:
      return { kind: 'text' };
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
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
