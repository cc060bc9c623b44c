// What a published file says of its table, under one key of its metadata, so that the next run goes on where this one ended.
import type { Json } from '../core/index.js';
import type { ChildName } from './child-tables.js';
import { SchemaError } from './schema-error.js';
import { Shape } from './shape.js';
import type { Column, ColumnType } from './type.js';

/** The key of a file's key-value metadata that holds it. */
export const metadataKey = 'sluice';
const metadataVersion = 1;

export interface FileMetadata {
  readonly table: string;
  /** The load that wrote the file: a load that finds its own id here, or among those before, has been applied. */
  readonly loadId: string;
  /** The loads before it, the latest first: as many as `keptLoads`. */
  readonly earlierLoads?: readonly string[];
  /** Of a table with versions of its rows: when the last ones began and ended, as ISO text. */
  readonly boundary?: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  /** What was seen of the columns in all loads. */
  readonly shape: Shape;
  /** The child tables that belong to it. @default none */
  readonly children?: readonly ChildName[];
  /** The version of the program that wrote it. */
  readonly writer: string;
}

/** Of so many loads before the last a file remembers that they have been applied. */
const keptLoads = 50;

/** The loads that have been applied to a table, the latest first; those that it still remembers. */
export function appliedLoads(metadata: FileMetadata | undefined): readonly string[] {
  return metadata === undefined ? [] : [metadata.loadId, ...(metadata.earlierLoads ?? [])].slice(0, keptLoads);
}

/** The text to store under `metadataKey`. */
export function encodeMetadata({ shape, ...rest }: FileMetadata): string {
  return JSON.stringify({ version: metadataVersion, ...rest, shape: shape.toJSON() });
}

/**
 * Reads what `encodeMetadata` wrote.
 * @throws SchemaError `ERR_SCHEMA_METADATA` when it is damaged or was written by a newer program.
 */
export function decodeMetadata(text: string): FileMetadata {
  const source = parse(text);
  if (source['version'] !== metadataVersion) {
    throw unreadable(
      `it has version ${JSON.stringify(source['version'])}, this program reads version ${metadataVersion}; update the program`,
    );
  }
  const children = source['children'] === undefined ? [] : listOf(source, 'children').map(childOf);
  const earlier = source['earlierLoads'] === undefined ? [] : listOf(source, 'earlierLoads');
  return {
    table: textOf(source, 'table'),
    loadId: textOf(source, 'loadId'),
    ...(earlier.length > 0 && { earlierLoads: earlier.map(String) }),
    ...(children.length > 0 && { children }),
    ...(source['boundary'] !== undefined && { boundary: textOf(source, 'boundary') }),
    writer: textOf(source, 'writer'),
    primaryKey: listOf(source, 'primaryKey').map((name) => (typeof name === 'string' ? name : fail('primaryKey'))),
    columns: listOf(source, 'columns').map(columnOf),
    shape: Shape.fromJSON(source['shape']),
  };
}

type JsonObject = Readonly<Record<string, Json | undefined>>;

function parse(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text), 'metadata');
  } catch (error) {
    if (error instanceof SchemaError) throw error;
    throw unreadable('it is not JSON', error);
  }
}

function childOf(value: unknown): ChildName {
  const child = objectOf(value, 'children');
  return { path: textOf(child, 'path'), table: textOf(child, 'table') };
}

function columnOf(value: unknown): Column {
  const column = objectOf(value, 'columns');
  const description = column['description'];
  return {
    name: textOf(column, 'name'),
    type: typeOf(column['type']),
    nullable: column['nullable'] !== false,
    ...(typeof description === 'string' && { description }),
  };
}

const simpleKinds = [
  'unknown',
  'bool',
  'bigint',
  'double',
  'text',
  'timestamp',
  'date',
  'time',
  'json',
  'binary',
] as const;

function typeOf(value: unknown): ColumnType {
  const type = objectOf(value, 'type');
  const kind = textOf(type, 'kind');
  const simple = simpleKinds.find((name) => name === kind);
  if (simple) return { kind: simple };
  if (kind === 'list') return { kind, item: typeOf(type['item']) };
  if (kind === 'decimal') return { kind, precision: countOf(type, 'precision'), scale: countOf(type, 'scale') };
  if (kind !== 'struct') throw unreadable(`it has a column of the unknown kind ${JSON.stringify(kind)}`);
  const fields = listOf(type, 'fields').map((field) => objectOf(field, 'fields'));
  return { kind, fields: fields.map((field) => ({ name: textOf(field, 'name'), type: typeOf(field['type']) })) };
}

function objectOf(value: unknown, name: string): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : fail(name);
}

function textOf(source: JsonObject, name: string): string {
  const value = source[name];
  return typeof value === 'string' ? value : fail(name);
}

function countOf(source: JsonObject, name: string): number {
  const value = source[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fail(name);
}

function listOf(source: JsonObject, name: string): readonly unknown[] {
  const value = source[name];
  return Array.isArray(value) ? value : fail(name);
}

function fail(name: string): never {
  throw unreadable(`its "${name}" is missing or of another type than it should be`);
}

function unreadable(reason: string, cause?: unknown): SchemaError {
  return new SchemaError(
    'ERR_SCHEMA_METADATA',
    `the file's metadata "${metadataKey}" cannot be read: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
