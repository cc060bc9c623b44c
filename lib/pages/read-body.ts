// Reads what paginators need from a body, and says clearly what is wrong when it is not there.
import { type HttpResponse, jsonPath } from '../core/index.js';
import { PaginationError } from './pagination-error.js';
import { describeRequest } from './walk-key.js';

/** Whether a page is without records. A page in which no list can be found is empty only when it has no body at all. */
export function isEmpty(response: HttpResponse, records: readonly unknown[] | undefined): boolean {
  return records === undefined ? response.body === undefined || response.body === null : records.length === 0;
}

/** A whole number at a path, also written as text; `undefined` when there is nothing, or something else. */
export function numberAt(path: string, body: unknown): number | undefined {
  const value = jsonPath(path).first(body);
  const number = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === 'bigint') return Number(number);
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** @throws PaginationError `ERR_PAGINATION_RESPONSE` when the number is not there. */
export function requiredNumber(option: string, path: string, response: HttpResponse): number {
  const number = numberAt(path, response.body);
  if (number === undefined) throw unreadable(option, path, response, 'a number');
  return number;
}

/**
 * A yes or no at a path, also written as text or number.
 * @throws PaginationError `ERR_PAGINATION_RESPONSE` when it is neither.
 */
export function requiredFlag(option: string, path: string, response: HttpResponse): boolean {
  const value = jsonPath(path).first(response.body);
  if (typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (['true', 'yes', 'y', '1'].includes(text)) return true;
  if (['false', 'no', 'n', '0'].includes(text)) return false;
  throw unreadable(option, path, response, 'true or false');
}

/**
 * Whether a page says that no other follows, in one of the two ways: that there are no more, or that it is the last.
 * @throws PaginationError `ERR_PAGINATION_RESPONSE` when what was named is neither yes nor no.
 */
export function saysEnd(
  { hasMorePath, isLastPath }: { readonly hasMorePath: string | undefined; readonly isLastPath: string | undefined },
  response: HttpResponse,
): boolean {
  if (hasMorePath !== undefined && !requiredFlag('hasMorePath', hasMorePath, response)) return true;
  return isLastPath !== undefined && requiredFlag('isLastPath', isLastPath, response);
}

function unreadable(option: string, path: string, response: HttpResponse, wanted: string): PaginationError {
  const found = jsonPath(path).first(response.body);
  const seen = found === undefined ? 'nothing' : (JSON.stringify(found) ?? String(found)).slice(0, 100);
  const { body } = response;
  const names = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body).slice(0, 20) : [];
  const has = names.length > 0 ? ` The body has ${names.join(', ')}.` : '';
  return new PaginationError(
    'ERR_PAGINATION_RESPONSE',
    `${describeRequest(response.request)}: ${option} is "${path}", but there is ${seen} where ${wanted} was expected.${has} Correct ${option}, or leave it out.`,
  );
}
