// Values that stand for others where these are only compared.
import { fieldOf, holds, mapList, mapStruct } from './sql.js';
import type { ColumnType, Field } from './type.js';

/** Longer texts are replaced. What takes their place is longer than this, so that it is never the same as one that is not. */
const longest = 64;

/**
 * A value of a column that is the same as that of another row when and only when the column is, and takes little memory: a long text is
 * replaced by its SHA-256.
 */
export function digestExpression(sql: string, type: ColumnType): string {
  return digest(sql, type, 0);
}

function digest(sql: string, type: ColumnType, depth: number): string {
  if (!(['text', 'unknown', 'json', 'binary'] as const).some((kind) => holds(type, kind))) return sql;
  switch (type.kind) {
    case 'list':
      return mapList(sql, depth, (item) => digest(item, type.item, depth + 1));
    case 'struct':
      return mapStruct(sql, type.fields, (field: Field) => digest(fieldOf(sql, field.name), field.type, depth));
    case 'binary':
      return short(sql, `octet_length(${sql})`, `encode('sha256:' || sha256(${sql}))`);
    default: {
      const text = type.kind === 'json' ? `CAST(${sql} AS VARCHAR)` : sql;
      return short(text, `strlen(${text})`, `'sha256:' || sha256(${text})`);
    }
  }
}

function short(sql: string, length: string, instead: string): string {
  return `CASE WHEN ${length} > ${longest} THEN ${instead} ELSE ${sql} END`;
}
