// Finds values in a parsed body by a JSONPath: plain dotted paths by code of our own, since they run once a page or a
// row, everything more by json-p3 (RFC 9535).
import { createRequire } from 'node:module';
import type { JSONPathQuery } from 'json-p3';
import { OptionError } from './errors.js';

/** A compiled path. */
export interface JsonPath {
  /** The path as it was written. */
  readonly text: string;
  /** The names that it consists of; `undefined` when there is more to it. An empty list for the whole. */
  readonly names?: readonly string[];
  /** All matches, in document order; an empty list for none. */
  all(value: unknown): unknown[];
  /** The first match; `undefined` for none. */
  first(value: unknown): unknown;
}

/** Loaded with the first path that needs it: most need only names. */
const library = () => createRequire(import.meta.url)('json-p3') as typeof import('json-p3');

const compiled = new Map<string, JsonPath>();
const remembered = 1000;

/**
 * Compiles a path, once for each text. Accepted are JSONPath with or without its leading `$.`, and what users of dlt write:
 * names with `-` and other signs unquoted (`user-data.items`), and a name that starts with `@`, which runs to the end
 * (`@odata.nextLink`).
 *
 * @param option How to call the path in an error: the name of the option that it was given for.
 * @throws OptionError `ERR_INVALID_OPTION` when the path cannot be read.
 * @example jsonPath('data.items[*].id').all(body)
 */
export function jsonPath(text: string, option = 'path'): JsonPath {
  const known = compiled.get(text);
  if (known) return known;
  const path = compilePath(text, option);
  if (compiled.size >= remembered) compiled.clear();
  compiled.set(text, path);
  return path;
}

function compilePath(text: string, option: string): JsonPath {
  if (text.trim() === '')
    throw new OptionError(option, 'is empty; write for example data.items, or $ for the whole body');
  const names = dotted(text);
  if (names) return new NamesPath(text, names);
  try {
    return new QueryPath(text, library().compile(normalise(text)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OptionError(option, `"${text}" is not a JSONPath: ${reason}. Write for example data.items or data[*].id`);
  }
}

/** The names of a path that consists of names only; `undefined` for any other. */
function dotted(text: string): string[] | undefined {
  const path = text.trim();
  if (path === '$') return [];
  const names = /^(?:\$\.)?((?:[^\s.$@[\]()*?'",:]+\.)*)([^\s.$@[\]()*?'",:]+|@[^\s[\]()*?'",]+)$/.exec(path);
  if (!names) return undefined;
  return [...names[1]!.split('.').slice(0, -1), names[2]!];
}

/** Rewrites unquoted names as quoted ones, and adds the root: `a-b[*].c` becomes `$['a-b'][*]['c']`. */
function normalise(text: string): string {
  const path = text.trim();
  let out = '$';
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    if (path[at] === '[') {
      const end = bracketEnd(path, at);
      out += path.slice(at, end);
      at = end;
    } else if (path.startsWith('..', at)) {
      out += '..';
      at += 2;
      if (path[at] === '[' || path[at] === '*') continue;
      const end = nameEnd(path, at);
      out += quoted(path.slice(at, end));
      at = end;
    } else if (path[at] === '.') {
      at += 1;
      if (at === path.length) throw new Error('it ends with a dot');
    } else if (path[at] === '*') {
      out += out.endsWith('..') ? '*' : '[*]';
      at += 1;
    } else {
      const end = nameEnd(path, at);
      out += quoted(path.slice(at, end));
      at = end;
    }
  }
  return out;
}

function nameEnd(path: string, start: number): number {
  if (path[start] === '@') return path.length;
  let end = start;
  while (end < path.length && path[end] !== '.' && path[end] !== '[') end += 1;
  return end;
}

function quoted(name: string): string {
  if (!/^[^\s()*?'",:\]]+$/.test(name))
    throw new Error(`"${name}" is not a name; names with such signs are quoted, as in ['a name']`);
  return `['${name.replaceAll('\\', '\\\\')}']`;
}

/** Where a bracket that opens at `start` closes, quotes and inner brackets taken into account. */
function bracketEnd(path: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < path.length; at += 1) {
    const sign = path[at]!;
    if (quote) {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign === '[') {
      depth += 1;
    } else if (sign === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new Error('a bracket or a quote is not closed');
}

class NamesPath implements JsonPath {
  constructor(
    readonly text: string,
    readonly names: readonly string[],
  ) {}

  first(value: unknown): unknown {
    let found = value;
    for (const name of this.names) {
      if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, name))
        return undefined;
      found = (found as Record<string, unknown>)[name];
    }
    return found;
  }

  all(value: unknown): unknown[] {
    const found = this.first(value);
    return found === undefined ? [] : [found];
  }
}

class QueryPath implements JsonPath {
  constructor(
    readonly text: string,
    private readonly query: JSONPathQuery,
  ) {}

  first(value: unknown): unknown {
    return this.query.match(value as QueryInput)?.value;
  }

  all(value: unknown): unknown[] {
    return this.query.query(value as QueryInput).values();
  }
}

type QueryInput = Parameters<JSONPathQuery['query']>[0];
