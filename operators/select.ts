// `select`: takes the records out of a page.
import { defer, map, type OperatorFunction } from 'rxjs';
import { isExactNumber, jsonPath, type Page, RecordFinder, type Row, type Rows } from '../lib/core/index.js';

/** Takes the records out of a page: a list is the page, anything else is its only record, `null` none. */
export type RecordSelector<T> = (page: Page) => readonly T[] | T | null | undefined;

/**
 * Takes the records out of each page. By a JSONPath: one match that is a list is the page, an object is its only record,
 * several matches are the records, `null` or no match is an empty page. A record that is no object (a text, a number, a
 * list) becomes `{ value: … }`, so that it has a column to go to. Without a selector the list is looked for in the first
 * page that has records, and kept for all further pages; a body without any list is one record.
 *
 * @throws OptionError `ERR_INVALID_OPTION`, at once, when the selector is not a JSONPath.
 * @example select<Project>('data') // Rows<Project>
 */
export function select<T extends object = Row>(selector?: string | RecordSelector<T>): OperatorFunction<Page, Rows<T>> {
  if (typeof selector === 'string') jsonPath(selector, 'selector');
  return (source) =>
    defer(() => {
      const read = reader(selector);
      return source.pipe(
        map((page) => ({ rows: asObjects(read(page)) as readonly T[], position: page.position, bytes: page.bytes })),
      );
    });
}

function reader(selector: string | RecordSelector<unknown> | undefined): (page: Page) => readonly unknown[] {
  if (typeof selector === 'function') return (page) => asList(selector(page));
  const finder = new RecordFinder(selector);
  return ({ body }) => finder.find(body) ?? asList(body);
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

function asObjects(records: readonly unknown[]): readonly unknown[] {
  return records.every(isObject) ? records : records.map((record) => (isObject(record) ? record : { value: record }));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
