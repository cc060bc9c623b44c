// What is wrong with the placeholders of an endpoint: how they are written, and what they stand for.
import { jsonPath, nearest, OptionError } from '../../core/index.js';
import type { EndpointConfig } from '../config/resource-schema.js';
import { fieldName } from '../plan/fields.js';
import { isIncrementalParam } from '../plan/incremental.js';
import { checkFormat, FormatFault } from '../plan/python-format.js';
import { isResolve } from '../plan/request-template.js';
import { parseTemplate, TemplateFault } from '../plan/template.js';
import { shown } from './found.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

/** What a placeholder may stand for. */
export interface TemplateScope {
  /** The names of all resources. */
  readonly resources: readonly string[];
  /** Whether the endpoint has a cursor. */
  readonly isIncremental: boolean;
}

/** The problems of a whole endpoint. `place` gives the path of one of its keys. */
export function templateFindings(
  endpoint: EndpointConfig,
  scope: TemplateScope,
  place: (...keys: Path) => Path,
): Finding[] {
  const params = endpoint.params ?? {};
  const found = endpoint.path === undefined ? [] : inTexts(endpoint.path, place('path'), scope, params);
  for (const [name, value] of Object.entries(params)) {
    if (isResolve(value)) found.push(...resolveFindings(name, value.resource, endpoint, scope, place));
    else if (!isIncrementalParam(value)) found.push(...inTexts(value, place('params', name), scope));
  }
  found.push(...inTexts(Object.keys(params), place('params'), scope));
  found.push(...inTexts(endpoint.headers, place('headers'), scope));
  return [...found, ...inTexts(endpoint.json, place('json'), scope), ...inTexts(endpoint.data, place('data'), scope)];
}

function resolveFindings(
  name: string,
  resource: string,
  endpoint: EndpointConfig,
  { resources }: TemplateScope,
  place: (...keys: Path) => Path,
): Finding[] {
  const path = place('params', name);
  if (!resources.includes(resource)) return [unknownResource(resource, resources, [...path, 'resource'])];
  const used = parsed(endpoint.path ?? '').some(
    (part) => part.kind === 'field' && part.field.replace(/\|url$/, '') === name,
  );
  if (used) return [];
  const message = `stands for "{${name}}" in the path, which is not there; elsewhere write "{resources.${resource}.…}"`;
  return [{ code: 'placeholder', path, message }];
}

/** The problems of all texts in a JSON value; `bound` are the names that a placeholder may have. */
function inTexts(value: unknown, path: Path, scope: TemplateScope, bound: object = {}): Finding[] {
  if (typeof value === 'string') return inText(value, path, scope, bound);
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => inTexts(item, [...path, index], scope, bound));
  return Object.entries(value).flatMap(([key, item]) => [
    ...inText(key, [...path, key], scope, bound),
    ...inTexts(item, [...path, key], scope, bound),
  ]);
}

function inText(text: string, path: Path, scope: TemplateScope, bound: object): Finding[] {
  const wrong = (message: string): Finding[] => [{ code: 'placeholder', path, found: shown(text, path), message }];
  try {
    return parseTemplate(withoutSecrets(text)).flatMap((part): Finding[] => {
      if (part.kind === 'text') return [];
      checkFormat(part.spec);
      if (!['', 'r', 's', 'a'].includes(part.conversion)) return wrong(`"!${part.conversion}" is none of !r, !s, !a`);
      const field = fieldName(part.field.replace(/\|url$/, ''));
      if (field.kind === 'parent') {
        if (!scope.resources.includes(field.resource)) return [unknownResource(field.resource, scope.resources, path)];
        jsonPath(field.path);
        return [];
      }
      if (field.kind === 'incremental') return incrementalFindings(field.value, scope, wrong);
      if (Object.hasOwn(bound, field.name)) return [];
      return wrong(
        `"{${part.field}}" stands for nothing: ${Object.keys(bound).length > 0 || path.at(-1) === 'path' ? `"params" has no "${field.name}"` : 'write "{{" and "}}" for braces'}`,
      );
    });
  } catch (error) {
    if (!(error instanceof TemplateFault || error instanceof FormatFault || error instanceof OptionError)) throw error;
    return wrong(error.message);
  }
}

const cursorValues = ['start_value', 'initial_value', 'last_value', 'end_value', 'lag'];

function incrementalFindings(
  value: string,
  { isIncremental }: TemplateScope,
  wrong: (message: string) => Finding[],
): Finding[] {
  if (!isIncremental) return wrong(`"{incremental.${value}}" needs "incremental" on the endpoint`);
  if (cursorValues.includes(value)) return [];
  const near = nearest(value, cursorValues);
  return wrong(
    `"{incremental.${value}}" stands for nothing; ${near ? `did you mean "${near}"?` : `there are ${cursorValues.join(', ')}`}`,
  );
}

function unknownResource(name: string, resources: readonly string[], path: Path): Finding {
  const near = nearest(name, resources);
  const hint = near === undefined ? `there are ${resources.join(', ')}` : `did you mean "${near}"?`;
  return {
    code: 'unknown-resource',
    path,
    found: JSON.stringify(name),
    allowed: resources.join(', '),
    message: `there is no resource "${name}"; ${hint}`,
  };
}

/** Secrets are not in yet: their placeholders are no problem. */
function withoutSecrets(text: string): string {
  return text.replace(/(?<!\{)\{secrets\.[\w.-]+\}(?!\})/g, '');
}

function parsed(path: string): ReturnType<typeof parseTemplate> {
  try {
    return parseTemplate(path);
  } catch {
    return [];
  }
}
