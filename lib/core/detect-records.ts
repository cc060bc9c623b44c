// Finds the list of records in a body when nobody said where it is.
import { jsonPath } from './json-path.js';

/** The names that APIs give to their list of records, in lower case. The order decides when a body has several. */
const wellKnown = [
  'data',
  'items',
  'results',
  'entries',
  'records',
  'rows',
  'entities',
  'payload',
  'content',
  'objects',
  'values',
  'value',
];
/** The names of lists that stand beside the records. */
const beside = new Set([
  'error',
  'errors',
  'warnings',
  'messages',
  'link',
  'links',
  'included',
  'includes',
  'facets',
  'aggregations',
  'columns',
  'fields',
  'filters',
  'tags',
]);
const maximumDepth = 3;
/** How deep the connections of a GraphQL answer are looked for. */
const connectionDepth = 6;
const connectionNames = new Set(['nodes', 'edges']);

/** A list found in a body. */
export interface FoundRecords {
  /** Where it is, as a JSONPath. */
  readonly path: string;
  readonly records: readonly unknown[];
  /** The paths of other lists with records that may as well be meant: nothing but their order tells them apart. */
  readonly rivals: readonly string[];
}

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly records: readonly unknown[];
  readonly score: number;
}

/**
 * Finds the list of records, at most three names deep: a list of objects before a list of anything else before an empty
 * list; among equals a well-known name (`data`, `items`, `results`, …) before others, and `errors`, `links` and their like
 * last; then the one that is less deep, then the first. So an empty `errors: []` never wins over a list of objects. A body that
 * is a list is the list; the `nodes` or `edges` of a GraphQL answer are found deeper too. `undefined` when there is no list.
 *
 * @example detectRecords({ errors: [], things: [{ id: 1 }] })?.path // "things"
 */
export function detectRecords(body: unknown): FoundRecords | undefined {
  if (Array.isArray(body)) return { path: '$', records: body, rivals: [] };
  const found: Candidate[] = [];
  collect(body, [], found);
  if (!found.some(({ records }) => records.length > 0)) collectConnections(body, found);
  found.sort((a, b) => b.score - a.score);
  const [best, ...others] = found;
  if (!best) return undefined;
  const rivals = best.records.length === 0 ? [] : others.filter(({ score }) => score === best.score);
  return { path: best.path, records: best.records, rivals: rivals.map(({ path }) => path) };
}

/** The `nodes` or `edges` below `data`, however deep the fields are that a query asks for. */
function collectConnections(body: unknown, found: Candidate[]): void {
  const { data } = (body ?? {}) as { data?: unknown };
  const deep: Candidate[] = [];
  collect(data, ['data'], deep, connectionDepth);
  found.push(...deep.filter(({ name }) => connectionNames.has(name)));
}

function collect(value: unknown, names: readonly string[], found: Candidate[], depth = maximumDepth): void {
  if (typeof value !== 'object' || value === null || names.length >= depth) return;
  for (const [name, inner] of Object.entries(value)) {
    const path = [...names, name];
    if (Array.isArray(inner)) found.push({ name, path: pathText(path), records: inner, score: score(path, inner) });
    else collect(inner, path, found, depth);
  }
}

function score(path: readonly string[], list: readonly unknown[]): number {
  const [first] = list;
  const content = list.length === 0 ? 0 : typeof first === 'object' && first !== null && !Array.isArray(first) ? 2 : 1;
  const name = path.at(-1)!.toLowerCase();
  const rank = wellKnown.indexOf(name);
  const isBeside = beside.has(name) || path.some((each) => /^_?links$/i.test(each));
  const likely = isBeside ? 0 : rank >= 0 ? 2 + wellKnown.length - rank : 1;
  return content * 1000 + likely * 10 + (maximumDepth - path.length);
}

function pathText(names: readonly string[]): string {
  const plain = names.every((name) => /^[\w-]+$/.test(name));
  return plain ? names.join('.') : `$${names.map((name) => `['${name.replace(/[\\']/g, '\\$&')}']`).join('')}`;
}

/**
 * Finds the records of one page after another. What it detects in the first page that has records is kept for all further
 * pages: a list that happens to be longer on page 7 does not change the meaning of a column.
 */
export class RecordFinder {
  #path: string | undefined;
  readonly #detected: (found: FoundRecords) => void;

  /**
   * @param path Where the records are; detected when it is not given.
   * @param detected Called when they were detected. What it throws, `find` throws.
   */
  constructor(path?: string, detected: (found: FoundRecords) => void = () => undefined) {
    this.#path = path;
    this.#detected = detected;
  }

  /** Where the records are, once that is known. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The page's records; an empty list where the path finds nothing, `undefined` where nothing can be detected. */
  find(body: unknown): readonly unknown[] | undefined {
    if (this.#path !== undefined) return this.peek(body);
    const found = detectRecords(body);
    if (found && found.records.length > 0) {
      this.#detected(found);
      this.#path = found.path;
    }
    return found?.records;
  }

  /** The same for a page that is not the next one: what is detected in it is not kept. */
  peek(body: unknown): readonly unknown[] | undefined {
    return this.#path === undefined ? detectRecords(body)?.records : recordsAt(this.#path, body);
  }
}

/**
 * The records at a path, as dlt takes them: one match that is a list is the page, any other one match is its only record,
 * several matches are the records, `null` or no match is an empty page.
 *
 * @throws OptionError `ERR_INVALID_OPTION` when the path cannot be read.
 */
export function recordsAt(path: string, body: unknown): readonly unknown[] {
  const matches = jsonPath(path, 'selector').all(body);
  if (matches.length !== 1) return matches;
  const [match] = matches;
  if (Array.isArray(match)) return match;
  return match === null || match === undefined ? [] : [match];
}
