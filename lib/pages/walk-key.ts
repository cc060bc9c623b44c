// Names requests: a stable key for a walk and for the guard, and a text for people. Neither contains a secret.
import { createHash, hash } from 'node:crypto';
import type { ParamValue, Request } from '../core/index.js';
import { isSensitiveParam } from '../http/redact.js';

/**
 * Names a walk by its first request and its paginator, whose states no other understands: a hash of method, URL, parameters
 * and body, the same in every process. Parameters whose names say that they carry a secret are left out, so that a new key
 * does not start the walk afresh.
 */
export function walkKey(request: Request, paginator: string): string {
  const { address, pairs } = split(request);
  const kept = pairs.filter(([name]) => !isSensitiveParam(name)).sort(byName);
  const text = canonical([request.method.toUpperCase(), address, kept, request.body ?? null, paginator]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Names a request within its walk: a request with the same key asks the server for the same. Made for each page, so it is quick. */
export function requestKey({ method, url, params, headers, body }: Request): string {
  const text = jsonOf([method, url, params, headers, body]);
  return hash('sha1', text, 'base64url').slice(0, 22);
}

/** A function that is asked about each value takes twice the time: few requests hold a bigint. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner));
  }
}

/** The parameters of a request with their values, wherever they stand. */
export function paramsOf(request: Request): Map<string, string[]> {
  const params = new Map<string, string[]>();
  for (const [name, value] of split(request).pairs) params.set(name, [...(params.get(name) ?? []), value]);
  return params;
}

/** A request for a person to read: method and URL with its parameters, secrets replaced by `***`. */
export function describeRequest(request: Request): string {
  const { address, pairs } = split(request);
  const query = pairs.map(([name, value]) => `${name}=${isSensitiveParam(name) ? '***' : value}`).join('&');
  const body = request.body ? ` with the body ${shortened(canonical(request.body))}` : '';
  return `${request.method} ${address}${query ? `?${query}` : ''}${body}`;
}

/** Only by name: among parameters of one name, the order says something. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The URL without query, fragment and user, and all parameters: those given beside the URL replace those in it. */
function split(request: Request): { address: string; pairs: [string, string][] } {
  const mark = request.url.search(/[?#]/);
  const address = (mark < 0 ? request.url : request.url.slice(0, mark)).replace(
    /^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i,
    '$1',
  );
  const query = /\?([^#]*)/.exec(request.url)?.[1] ?? '';
  const pairs = [...new URLSearchParams(query)].filter(([name]) => !Object.hasOwn(request.params, name));
  for (const [name, value] of Object.entries(request.params)) {
    const values: readonly ParamValue[] = Array.isArray(value) ? value : [value as ParamValue];
    for (const one of values) if (one !== undefined && one !== null) pairs.push([name, String(one)]);
  }
  return { address, pairs };
}

/** JSON with sorted names and secrets replaced. Takes bigints and drops `undefined`. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (name, inner) => {
      if (typeof inner === 'bigint') return inner.toString();
      if (isSensitiveParam(name) && typeof inner === 'string') return '***';
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }) ?? 'null'
  );
}

function shortened(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}
