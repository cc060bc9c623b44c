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
  const names = Object.keys(params);
  if (names.length === 0) return url;
  const [beforeHash, hash] = splitAt(url, '#');
  const [path, query] = splitAt(beforeHash, '?');
  const kept = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !Object.hasOwn(params, nameOf(part)));
  const added = pairs(params).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const joined = [...kept, ...added].join('&');
  return path + (joined === '' ? '' : `?${joined}`) + hash;
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
  return Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly ParamValue[]) : [value as ParamValue])
      .filter((one) => one !== undefined && one !== null)
      .map((one): [string, string] => [name, String(one)]),
  );
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

function encode(text: string): string {
  return encodeURIComponent(toUSVString(text)).replaceAll('%20', '+');
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}
