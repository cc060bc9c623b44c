// Changes requests: the small pure functions that paginators are written with.
import { type Json, OptionError, type ParamValue, type Request } from '../core/index.js';
import { isSensitiveParam } from '../http/redact.js';
import { checkName } from './check-options.js';
import { paramsOf } from './walk-key.js';

/** The request with a query parameter set. */
export function withParam(request: Request, name: string, value: ParamValue): Request {
  return { ...request, params: { ...request.params, [name]: value } };
}

/** Stands in a link for what a parameter of the first request has. */
const mask = '***';

/**
 * A link without the secrets among the parameters of the first request that it repeats, by their names or by `isSecret`. `withLink` puts them
 * in again, so no request is without them.
 */
export function maskRepeated(link: string, base: Request, isSecret: (value: string) => boolean): string {
  const at = link.indexOf('?');
  if (at < 0 || !isAtHome(link, base)) return link;
  const secrets = new Set(
    [...paramsOf(base)]
      .filter(([name, values]) => isSensitiveParam(name) || values.some(isSecret))
      .filter(([name, values]) => isSame(values, new URL(link).searchParams.getAll(name)))
      .map(([name]) => name),
  );
  if (secrets.size === 0) return link;
  const masked = new Set<string>();
  const parts = link.slice(at + 1).split('&');
  const kept = parts.flatMap((part) => {
    const [name] = [...new URLSearchParams(part).keys()];
    if (name === undefined || !secrets.has(name)) return [part];
    // One with such a name is put in again wherever a link does not have it.
    if (masked.has(name) || isSensitiveParam(name)) return [];
    masked.add(name);
    return [`${part.split('=', 1)[0]}=${mask}`];
  });
  return kept.length === 0 ? link.slice(0, at) : `${link.slice(0, at)}?${kept.join('&')}`;
}

/**
 * The request for a link: the link's own parameters, and everything else of the request. A secret among the parameters of
 * the first request stays with it, as long as the link does not lead elsewhere.
 */
export function withLink(request: Request, url: string): Request {
  if (!isAtHome(url, request)) return { ...request, url, params: {} };
  const given = paramsOf(request);
  const { searchParams } = new URL(url);
  const stays = ([name]: readonly [string, unknown]) => {
    const [value, ...more] = searchParams.getAll(name);
    return value === undefined ? isSensitiveParam(name) : value === mask && more.length === 0;
  };
  const params = [...given].filter(stays).map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return { ...request, url, params: Object.fromEntries(params) };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}

function isAtHome(link: string, { url }: Request): boolean {
  return URL.canParse(link) && URL.canParse(url) && new URL(link).origin === new URL(url).origin;
}

/**
 * The request with a value in its body, at a path of names with dots between; objects on the way are made. A number names a place
 * of a list that is there (`requests[0].page`, `requests.0.page`). In a form the path is the name of a field.
 *
 * @throws OptionError for a body that has no places, such as a text, or a list without that place.
 */
export function withBodyValue(request: Request, path: string, value: Json): Request {
  const { body } = request;
  if (body?.kind === 'text')
    throw new OptionError('body', `is a text, so nothing can be set at ${path}: give it as JSON or as a form`);
  if (body?.kind === 'form') {
    const text = typeof value === 'object' ? JSON.stringify(value) : value;
    const form: typeof body.value = Array.isArray(body.value)
      ? [...body.value.filter(([name]) => name !== path), [path, String(text)]]
      : { ...body.value, [path]: text };
    return { ...request, body: { kind: 'form', value: form } };
  }
  return { ...request, body: { kind: 'json', value: setAt(body?.value ?? {}, namesOf(path), value, path) } };
}

/** `a[0].b` and `a.0.b` name the same place. */
function namesOf(path: string): string[] {
  return path.replace(/\[(\d+)\]/g, '.$1').split('.');
}

function setAt(target: unknown, names: readonly string[], value: Json, path: string): unknown {
  const [name, ...deeper] = names;
  if (name === undefined) return value;
  if (Array.isArray(target)) {
    if (!/^\d+$/.test(name) || Number(name) >= target.length)
      throw new OptionError(
        'body',
        `has a list of ${target.length} where ${path} names "${name}": give the place of one of them, from 0`,
      );
    return target.map((each, index) => (index === Number(name) ? setAt(each, deeper, value, path) : each));
  }
  const object = typeof target === 'object' && target !== null ? target : {};
  const inner = Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
  return { ...object, [name]: setAt(inner, deeper, value, path) };
}

/** Sets one value in a request. */
export type Place = (request: Request, value: Json) => Request;

/** The two options that say where a value goes: a query parameter or a path in the body. */
export interface PlaceOptions {
  /** The options' names, for errors. */
  readonly names: readonly [param: string, bodyPath: string];
  readonly param: string | undefined;
  readonly bodyPath: string | undefined;
  /** The query parameter when neither is given. */
  readonly byDefault: string;
}

/** @throws OptionError when both are given, or one is not a name. */
export function place({ names, param, bodyPath, byDefault }: PlaceOptions): Place {
  checkName(names[0], param);
  checkName(names[1], bodyPath);
  if (param !== undefined && bodyPath !== undefined)
    throw new OptionError(names[1], `and ${names[0]} exclude each other: the value goes to one place`);
  if (bodyPath !== undefined) return (request, value) => withBodyValue(request, bodyPath, value);
  const name = param ?? byDefault;
  return (request, value) =>
    withParam(request, name, typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}
