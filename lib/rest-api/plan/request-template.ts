// The request of a resource as its configuration writes it, with placeholders; and the request for one row of its parent.
import type { Params, ParamValue, Request, RequestBody } from '../../core/index.js';
import type { EndpointConfig } from '../config/resource-schema.js';
import { type FieldName, fieldName } from './fields.js';
import { incrementalsOf, isIncrementalParam } from './incremental.js';
import { pathValue } from './path-value.js';
import { type Lookup, renderText, renderValue, written } from './render.js';
import { parseTemplate } from './template.js';

export interface RequestTemplate {
  readonly method: string;
  readonly path: string;
  /** The values of the path's placeholders that are not a parent's fields. */
  readonly bound: Readonly<Record<string, Binding>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
  /** A form, or a text that is sent as it is. */
  readonly data: EndpointConfig['data'];
}

type Binding = { readonly value: unknown } | { readonly field: string };

/** A request as the client takes it. */
export type FilledRequest = Partial<Request> & { readonly url: string };

/** `{ "type": "resolve", "resource": …, "field": … }`: dlt's older way to bind a placeholder of the path to a parent's field. */
export interface Resolve {
  readonly type: 'resolve';
  readonly resource: string;
  readonly field: string;
}

export function isResolve(value: unknown): value is Resolve {
  return typeof value === 'object' && value !== null && (value as Partial<Resolve>).type === 'resolve';
}

/** A parameter that the path names goes into the path, and not into the query. */
export function requestTemplate(endpoint: EndpointConfig & { readonly path: string }): RequestTemplate {
  const names = new Set(namesInPath(endpoint.path));
  const params = Object.entries(endpoint.params ?? {}).filter(([, value]) => !isIncrementalParam(value));
  for (const { start_param: start, end_param: end } of incrementalsOf(endpoint)) {
    if (start !== undefined) params.push([start, '{incremental.start_value}']);
    if (end !== undefined) params.push([end, '{incremental.end_value}']);
  }
  const inPath = params.filter(([name]) => names.has(name));
  return {
    method: endpoint.method?.toUpperCase() ?? 'GET',
    path: endpoint.path,
    bound: Object.fromEntries(inPath.map(([name, value]) => [name, binding(value)])),
    params: Object.fromEntries(params.filter(([name]) => !names.has(name))),
    headers: endpoint.headers ?? {},
    json: endpoint.json ?? undefined,
    data: endpoint.data,
  };
}

function binding(value: unknown): Binding {
  return isResolve(value) ? { field: `resources.${value.resource}.${value.field}` } : { value };
}

/** The request, with what `lookup` gives for the fields of placeholders. @throws PathFault */
export function fillRequest(template: RequestTemplate, lookup: Lookup): FilledRequest {
  const { method, params, headers, json, data } = template;
  const names = Object.entries(headers).map(([name, value]) => [renderText(name, lookup), renderText(value, lookup)]);
  return {
    url: fillPath(template, lookup),
    method,
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [renderText(name, lookup), param(value, lookup)]),
    ),
    ...(names.length > 0 && { headers: Object.fromEntries(names) as Record<string, string> }),
    ...(json !== undefined && { body: { kind: 'json', value: renderValue(json, lookup) } }),
    ...(data != null && { body: dataBody(data, lookup) }),
  };
}

function param(value: unknown, lookup: Lookup): Params[string] {
  if (Array.isArray(value)) return value.map((item) => param(item, lookup) as ParamValue);
  if (typeof value !== 'string') return value as ParamValue;
  // A cursor without a value is not sent.
  const [only, ...others] = parseTemplate(value);
  const isCursor = only?.kind === 'field' && others.length === 0 && fieldName(only.field).kind === 'incremental';
  return isCursor && lookup(only.field) === undefined ? undefined : renderText(value, lookup);
}

function dataBody(data: NonNullable<EndpointConfig['data']>, lookup: Lookup): RequestBody {
  if (typeof data === 'string') return { kind: 'text', value: renderText(data, lookup), contentType: 'text/plain' };
  if (Array.isArray(data)) {
    return {
      kind: 'form',
      value: data.map(([name, value]) => [renderText(name, lookup), String(param(value, lookup) ?? '')] as const),
    };
  }
  return {
    kind: 'form',
    value: Object.fromEntries(
      Object.entries(data).map(([name, value]) => [renderText(name, lookup), param(value, lookup)]),
    ),
  };
}

function fillPath({ path, bound }: RequestTemplate, lookup: Lookup): string {
  return parseTemplate(path)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const { field, whole } = pathField(part.field);
      const own = Object.hasOwn(bound, field) ? bound[field] : undefined;
      const value = own === undefined ? lookup(field) : 'field' in own ? lookup(own.field) : text(own.value, lookup);
      return pathValue(written(part, value), { field, whole });
    })
    .join('');
}

function text(value: unknown, lookup: Lookup): unknown {
  return typeof value === 'string' ? renderText(value, lookup) : value;
}

/** `{name|url}` encodes slashes too. */
function pathField(field: string): { readonly field: string; readonly whole: boolean } {
  const whole = field.endsWith('|url');
  return { field: whole ? field.slice(0, -'|url'.length) : field, whole };
}

function namesInPath(path: string): string[] {
  return parseTemplate(path).flatMap((part) => (part.kind === 'field' ? [pathField(part.field).field] : []));
}

/** What the placeholders of a request name, each once. */
export function fieldsOf({ path, bound, params, headers, json, data }: RequestTemplate): FieldName[] {
  const fields = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const part of parseTemplate(value)) if (part.kind === 'field') fields.add(pathField(part.field).field);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (!Array.isArray(value)) collect(key);
        collect(item);
      }
    }
  };
  collect([path, params, headers, json, data]);
  for (const own of Object.values(bound)) {
    if ('field' in own) fields.add(own.field);
    else collect(own.value);
  }
  return [...fields].map(fieldName);
}
