// `select`: takes the records out of a page.
import { defer, map, type OperatorFunction } from 'rxjs';
import {
  confinedWith,
  currentFlow,
  isExactNumber,
  isPristine,
  jsonPath,
  markPristine,
  OptionError,
  type Page,
  RecordFinder,
  type Row,
  type Rows,
  unreadOf,
} from '../lib/core/index.js';

/** Takes the records out of a page: a list is the page, anything else is its only record, `null` none. */
export type RecordSelector<T> = (page: Page) => readonly T[] | T | null | undefined;

/**
 * Takes the records out of each page. By a JSONPath: one match that is a list is the page, an object is its only record,
 * several matches are the records, `null` or no match is an empty page. A record that is no object (a text, a number, a
 * list) becomes `{ value: … }`, so that it has a column to go to.
 *
 * Without a selector the list is looked for in the first page that has records, told to the progress, and kept for all
 * further pages; a body without any list is one record. Where two lists could as well be meant, it errors and names them.
 *
 * @throws OptionError `ERR_INVALID_OPTION`, at once, when the selector is not a JSONPath; through the observable, when the
 * records cannot be told from another list.
 * @example select<Project>('data') // Rows<Project>
 */
export function select<T extends object = Row>(selector?: string | RecordSelector<T>): OperatorFunction<Page, Rows<T>> {
  if (typeof selector === 'string') jsonPath(selector, 'selector');
  return (source) => {
    const selected = defer(() => {
      const read = reader(selector);
      return source.pipe(
        map((page) => {
          const { records, path } = read(page);
          const rows = asObjects(records) as readonly T[];
          const { position, bytes, raw } = page;
          if (raw === undefined || path === undefined || raw.value !== page.body || rows !== records)
            return { rows, position, bytes };
          return { rows, position, bytes, raw: { ...raw, path } };
        }),
      );
    });
    if (isPristine(source) && typeof selector !== 'function') markPristine(selected);
    return confinedWith(selected, [source, selector]);
  };
}

interface Found {
  readonly records: readonly unknown[];
  /** Where they are, when they are a list there. */
  readonly path?: string;
}

function reader(selector: string | RecordSelector<unknown> | undefined): (page: Page) => Found {
  if (typeof selector === 'function') return (page) => ({ records: asList(selector(page)) });
  const flow = currentFlow();
  const finder = new RecordFinder(selector, ({ path, records, rivals }) => {
    if (rivals.length > 0)
      throw new OptionError(
        'selector',
        `is needed: the records may be at "${[path, ...rivals].join('" or at "')}"; name one`,
      );
    flow?.meter.report({
      type: 'note',
      message: `the records were found at "${path}" (${records.length} in the first page)`,
    });
  });
  return ({ body }) => {
    const records = finder.find(body);
    if (records === undefined) return { records: asList(body) };
    return finder.path === undefined ? { records } : { records, path: finder.path };
  };
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

function asObjects(records: readonly unknown[]): readonly unknown[] {
  // What has scanned them knows nothing but objects.
  return unreadOf(records) !== undefined || records.every(isObject)
    ? records
    : records.map((record) => (isObject(record) ? record : { value: record }));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
