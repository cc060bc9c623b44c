// The expression that turns a published column into its widened type, without loss.
import { fieldOf, holds, mapList, mapStruct, quoteLiteral, readType, sqlType } from './sql.js';
import type { ColumnType, Field } from './type.js';

/**
 * SQL for the values of `sql`, a column of type `from`, as type `to`. Exact for every pair that `resolve` can widen; the session
 * must have TimeZone set to UTC. Numbers become text as JSON has them (`1.5`, `100`), timestamps ISO text (`2024-01-01T00:00:00Z`),
 * structs get their new fields as NULL.
 *
 * @example convertExpression('"at"', { kind: 'timestamp' }, { kind: 'text' })
 */
export function convertExpression(sql: string, from: ColumnType, to: ColumnType): string {
  return convert(sql, from, to, 0);
}

function convert(sql: string, from: ColumnType, to: ColumnType, depth: number): string {
  if (sqlType(from) === sqlType(to) && from.kind !== 'unknown') return sql;
  if (from.kind === 'unknown') return `CAST(NULL AS ${sqlType(to)})`;
  if (to.kind === 'unknown') return convert(sql, from, { kind: 'text' }, depth);
  if (to.kind === 'json') return toJson(sql, from, depth);
  if (to.kind === 'text') return toText(sql, from, depth);
  if (from.kind === 'list' && to.kind === 'list') {
    return mapList(sql, depth, (item) => convert(item, from.item, to.item, depth + 1));
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    const known = new Map(from.fields.map((field) => [field.name, field.type]));
    return mapStruct(sql, to.fields, ({ name, type }) =>
      convert(fieldOf(sql, name), known.get(name) ?? { kind: 'unknown' }, type, depth),
    );
  }
  if (from.kind === 'json') return fromJson(sql, to, depth);
  // Through text, since the cast from double would show the digits that the double has beyond its shortest text.
  if (from.kind === 'double' && to.kind === 'decimal') return `CAST(CAST(${sql} AS VARCHAR) AS ${sqlType(to)})`;
  if (from.kind === 'text' && to.kind === 'binary') return `encode(${sql})`;
  return `CAST(${sql} AS ${sqlType(to)})`;
}

function toText(sql: string, from: ColumnType, depth: number): string {
  switch (from.kind) {
    case 'timestamp':
      return isoText(sql);
    case 'double':
      return doubleText(sql);
    case 'decimal':
      return from.scale === 0 ? `CAST(${sql} AS VARCHAR)` : `regexp_replace(CAST(${sql} AS VARCHAR), '\\.?0+$', '')`;
    case 'binary':
      return `to_base64(${sql})`;
    case 'json':
      return `CASE json_type(${sql}) WHEN 'VARCHAR' THEN ${sql} ->> '$' ELSE CAST(${sql} AS VARCHAR) END`;
    case 'list':
    case 'struct':
      return `CAST(${toJson(sql, from, depth)} AS VARCHAR)`;
    default:
      return `CAST(${sql} AS VARCHAR)`;
  }
}

/** A number as the log has it as text, so that a value that comes again is the same. */
function doubleText(sql: string): string {
  const odd = `WHEN isnan(${sql}) THEN 'NaN' WHEN isinf(${sql}) THEN if(${sql} > 0, 'Infinity', '-Infinity') WHEN ${sql} = 0 AND signbit(${sql}) THEN '-0.0'`;
  return `CASE ${odd} ELSE regexp_replace(CAST(${sql} AS VARCHAR), '\\.0$', '') END`;
}

/** An instant as ISO text, without a fraction when that is zero. */
function isoText(sql: string): string {
  const fraction = `rtrim(rtrim(strftime(${sql}, '.%f'), '0'), '.')`;
  return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S') || ${fraction} || 'Z'`;
}

function toJson(sql: string, from: ColumnType, depth: number): string {
  const value = jsonReady(sql, from, depth);
  return from.kind === 'json' ? value : `CASE WHEN ${sql} IS NOT NULL THEN to_json(${value}) END`;
}

/** A value from which `to_json` makes what the log had. */
function jsonReady(sql: string, from: ColumnType, depth: number): string {
  switch (from.kind) {
    case 'timestamp':
    case 'binary':
      return toText(sql, from, depth);
    case 'double':
      return `CASE WHEN isfinite(${sql}) THEN to_json(${sql}) ELSE to_json(${doubleText(sql)}) END`;
    case 'decimal':
      return from.scale === 0 ? sql : decimalJson(sql, from);
    case 'list':
      return needsCare(from) ? mapList(sql, depth, (item) => jsonReady(item, from.item, depth + 1)) : sql;
    case 'struct':
      return needsCare(from)
        ? mapStruct(sql, from.fields, (field) => jsonReady(fieldOf(sql, field.name), field.type, depth))
        : sql;
    default:
      return sql;
  }
}

/** A number where a double holds it, else a text, since readers of JSON round: as the log has it. */
function decimalJson(sql: string, type: ColumnType): string {
  const double = `CAST(${sql} AS DOUBLE)`;
  const same = `TRY_CAST(CAST(${double} AS VARCHAR) AS ${sqlType(type)}) IS NOT DISTINCT FROM ${sql}`;
  return `CASE WHEN ${same} THEN to_json(${double}) ELSE to_json(CAST(${sql} AS VARCHAR)) END`;
}

function needsCare(type: ColumnType): boolean {
  return (['timestamp', 'binary', 'double', 'decimal'] as const).some((kind) => holds(type, kind));
}

/** JSON is narrowed when it held only empty objects; keys that it lacks are NULL. */
function fromJson(sql: string, to: ColumnType, depth: number): string {
  if (to.kind !== 'struct' && to.kind !== 'list')
    return convert(toText(sql, { kind: 'json' }, depth), { kind: 'text' }, to, depth);
  const read = `from_json(${sql}, ${quoteLiteral(JSON.stringify(structureOf(to)))})`;
  return readType(to) === sqlType(to) ? read : `CAST(${read} AS ${sqlType(to)})`;
}

/** A type as `from_json` wants it. */
function structureOf(type: ColumnType): unknown {
  if (type.kind === 'list') return [structureOf(type.item)];
  if (type.kind === 'struct') {
    return Object.fromEntries(type.fields.map((field: Field) => [field.name, structureOf(field.type)]));
  }
  return readType(type);
}
