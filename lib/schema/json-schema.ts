// Columns declared by a JSON Schema: its properties, as far as they have one type.
import { OptionError } from '../core/index.js';
import type { ColumnHint } from './column-hint.js';
import type { ColumnType, Field } from './type.js';

/** A JSON Schema of an object, of any draft since 4. Only what says something about types is read. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean | readonly (JsonSchema | boolean)[];
  readonly anyOf?: readonly (JsonSchema | boolean)[];
  readonly oneOf?: readonly (JsonSchema | boolean)[];
  readonly allOf?: readonly (JsonSchema | boolean)[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly nullable?: boolean;
  readonly contentEncoding?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly definitions?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly [other: string]: unknown;
}

/**
 * One hint for each property. `number` is a double, `integer` a bigint; texts of the formats `date-time`, `date` and `time` are what they
 * say; a property of several types, or of none, has no type, so that it is found from the rows. What is required and not null is not nullable.
 *
 * @throws OptionError `ERR_INVALID_OPTION` when it does not describe an object, or a `$ref` leads nowhere.
 */
export function hintsFromJsonSchema(schema: JsonSchema, option: string): ColumnHint[] {
  const reader = new SchemaReader(schema, option);
  const root = reader.follow(schema);
  if (root.properties === undefined) throw new OptionError(option, 'the schema describes no object with properties');
  const required = new Set(root.required);
  return Object.entries(root.properties).map(([name, property]) => {
    const { type, nullable, description } = reader.read(property);
    return {
      name,
      ...(type && { type }),
      nullable: nullable || !required.has(name),
      ...(description !== undefined && { description }),
    };
  });
}

interface Reading {
  readonly type?: ColumnType;
  readonly nullable: boolean;
  readonly description?: string;
}

/** Deeper than this, a schema that contains itself is taken as JSON. */
const deepest = 16;

class SchemaReader {
  constructor(
    private readonly root: JsonSchema,
    private readonly option: string,
  ) {}

  read(schema: JsonSchema | boolean, depth = 0): Reading {
    if (typeof schema === 'boolean') return { nullable: true };
    const target = this.follow(schema);
    const description = schema.description ?? target.description;
    const variants = this.#variants(target, depth);
    const nullable = variants.some((variant) => variant.nullable || variant.type === 'null');
    const types = variants.filter((variant) => variant.type !== 'null');
    const names = new Set(types.map((variant) => variant.type));
    if (names.has('number')) names.delete('integer');
    const only = names.size === 1 ? types.find((variant) => names.has(variant.type)) : undefined;
    const type = only && this.#typeOf(only.type, only.schema, depth);
    return { ...(type && { type }), nullable, ...(description !== undefined && { description }) };
  }

  /** The schema behind a chain of references. */
  follow(schema: JsonSchema): JsonSchema {
    let target = schema;
    for (let steps = 0; target.$ref !== undefined; steps += 1) {
      const found = steps < 100 ? this.#lookUp(target.$ref) : undefined;
      if (found === undefined)
        throw new OptionError(
          this.option,
          `the reference ${target.$ref} leads nowhere. Only references within the schema are followed`,
        );
      target = found;
    }
    return target;
  }

  #lookUp(reference: string): JsonSchema | undefined {
    if (reference !== '#' && !reference.startsWith('#/')) return undefined;
    let value: unknown = this.root;
    for (const part of reference.split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
  }

  /** Every type that a value may have, each with the schema that says so; `any` where a schema says nothing. */
  #variants(schema: JsonSchema, depth: number): { type: string; schema: JsonSchema; nullable: boolean }[] {
    const options = schema.anyOf ?? schema.oneOf ?? (schema.allOf?.length === 1 ? schema.allOf : undefined);
    const nullable = schema.nullable === true;
    if (options && depth < deepest) {
      return options.flatMap((option) => {
        if (typeof option === 'boolean') return [{ type: 'any', schema: {}, nullable: true }];
        return this.#variants(this.follow(option), depth + 1).map((variant) => ({
          ...variant,
          nullable: variant.nullable || nullable,
        }));
      });
    }
    const types = schema.type ?? typesOfValues(schema.const === undefined ? schema.enum : [schema.const]);
    if (types === undefined) return [{ type: 'any', schema, nullable: true }];
    return [types].flat().map((type) => ({ type, schema, nullable }));
  }

  #typeOf(type: string, schema: JsonSchema, depth: number): ColumnType | undefined {
    switch (type) {
      case 'boolean':
        return { kind: 'bool' };
      case 'integer':
        return { kind: 'bigint' };
      case 'number':
        return { kind: 'double' };
      case 'string':
        return stringType(schema);
      case 'array':
        return this.#listType(schema, depth);
      case 'object':
        return this.#structType(schema, depth);
      default:
        return undefined;
    }
  }

  #listType({ items }: JsonSchema, depth: number): ColumnType {
    const item =
      depth < deepest && typeof items === 'object' && !Array.isArray(items)
        ? this.read(items as JsonSchema, depth + 1).type
        : undefined;
    return item ? { kind: 'list', item } : { kind: 'json' };
  }

  #structType({ properties = {} }: JsonSchema, depth: number): ColumnType {
    const fields: Field[] = [];
    for (const [name, property] of Object.entries(properties)) {
      const { type } = depth < deepest ? this.read(property, depth + 1) : {};
      if (type === undefined) return { kind: 'json' };
      fields.push({ name, type });
    }
    return fields.length > 0 ? { kind: 'struct', fields } : { kind: 'json' };
  }
}

function stringType({ format, contentEncoding }: JsonSchema): ColumnType {
  if (contentEncoding === 'base64') return { kind: 'binary' };
  if (format === 'date-time') return { kind: 'timestamp' };
  return format === 'date' || format === 'time' ? { kind: format } : { kind: 'text' };
}

function typesOfValues(values: readonly unknown[] | undefined): string[] | undefined {
  return values?.map((value) => {
    if (value === null) return 'null';
    if (Array.isArray(value)) return 'array';
    if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
    return typeof value;
  });
}
