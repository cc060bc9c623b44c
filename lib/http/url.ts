// URLs: how a path joins its base, and how parameters join the query that a URL carries already.
import { toUSVString } from 'node:util';
import type { Params, ParamValue } from '../core/index.js';

const absolute = /^https?:\/\//i;

/** Joins a path to a base with one `/` between them. An absolute path replaces the base; an empty one leaves it as it is. */
export function joinUrl(base: string, path: string): string {
  if (absolute.test(path)) return path;
  if (path === '') return base;
  if (base === '') return path;
  if (path.startsWith('?') || path.startsWith('#')) return base + path;
  return `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

/**
 * Adds parameters to a URL's own query. A name given here replaces the same name there; a list becomes the name repeated;
 * `undefined` and `null` are not sent. The rest of the query stays as it was written.
 */
export function addParams(url: string, params: Params): string {
  if (Object.keys(params).length === 0) return url;
  const [beforeHash, hash] = splitAt(url, '#');
  const [path, query] = splitAt(beforeHash, '?');
  let joined = '';
  for (const part of query === '' ? [] : query.slice(1).split('&')) {
    if (part !== '' && !Object.hasOwn(params, nameOf(part))) joined += `&${part}`;
  }
  for (const [name, value] of pairs(params)) joined += `&${encode(name)}=${encode(value)}`;
  return `${path}${joined === '' ? '' : `?${joined.slice(1)}`}${hash}`;
}

/** The URL without user name and password, which no transport accepts. */
export function withoutUserInfo(url: string): string {
  if (!url.slice(0, url.indexOf('/', 8) >>> 0).includes('@') || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** Parameters as name and text, a list as several. */
export function pairs(params: Params): [string, string][] {
  const all: [string, string][] = [];
  for (const [name, value] of Object.entries(params)) {
    if (!Array.isArray(value)) add(all, name, value as ParamValue);
    else for (const one of value as readonly ParamValue[]) add(all, name, one);
  }
  return all;
}

function add(all: [string, string][], name: string, value: ParamValue): void {
  if (value !== undefined && value !== null) all.push([name, String(value)]);
}

/** The names and values in the query of a URL. */
export function queryOf(url: string): [string, string][] {
  const at = url.indexOf('?');
  return at === -1 ? [] : [...new URLSearchParams(splitAt(url.slice(at + 1), '#')[0])];
}

/** The decoded name of one `name=value` of a query. */
export function nameOf(part: string): string {
  return decode(part.split('=', 1)[0] ?? '');
}

/** Decodes a part of a query; what is not valid stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What stands in a query as it is. */
const plain = /^[\w.!~*'()-]*$/;

function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(toUSVString(text)).replaceAll('%20', '+');
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}
