// Turns zod's issues into problems: one for each wrong place, in words of the configuration.
import type * as z from 'zod';
import { nearest } from '../../core/index.js';
import { unsupportedCode } from '../config/keys.js';
import { shown } from './found.js';
import { placesOf } from './other-places.js';
import { type Path, type Problem, type ProblemCode, pathText } from './problem.js';

type Issue = z.core.$ZodIssue;

/** A problem whose place is still a list of keys. */
export interface Finding extends Omit<Problem, 'path' | 'place'> {
  readonly path: Path;
}

/** What zod found wrong with `root`, as findings. */
export function findings(issues: readonly Issue[], root: unknown): Finding[] {
  return issues.flatMap((issue) => finding(issue, issue.path as Path, root));
}

function finding(issue: Issue, path: Path, root: unknown): Finding[] {
  const value = at(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, issue.message.split(' '), path));
    case 'invalid_union':
      return fromUnion(issue.errors as Issue[][], path, root);
    case 'invalid_value':
      return [wrongValue(value, issue.values.map(String), path)];
    case 'invalid_type':
      return value === undefined
        ? [make('missing-key', path, undefined, kinds[issue.expected] ?? issue.expected, `is missing`)]
        : [wrong('wrong-type', value, kinds[issue.expected] ?? issue.expected, path)];
    case 'too_small':
      return [wrong('wrong-value', value, smallest(issue.origin, Number(issue.minimum), issue.inclusive), path)];
    case 'custom':
      if (issue.params?.['code'] === unsupportedCode) {
        return [{ code: 'unsupported', path, message: `is not supported yet: ${issue.message}` }];
      }
      return [{ code: 'wrong-value', path, found: shown(value, path), message: issue.message }];
    default:
      return [{ code: 'wrong-value', path, found: shown(value, path), message: issue.message }];
  }
}

/** A union fails with the issues of all its branches: shows those of the branch that was meant. */
function fromUnion(branches: readonly Issue[][], path: Path, root: unknown): Finding[] {
  const value = at(root, path);
  const flat = branches.flatMap(flatten);
  const right = flat.filter((issues) => !issues.some((issue) => issue.path.length === 0 && isKind(issue)));
  const meant = right.filter((issues) => !issues.some((issue) => isDiscriminator(issue)));
  const [best] = [...meant].sort((a, b) => a.length - b.length);
  if (best) return best.flatMap((issue) => finding(issue, [...path, ...issue.path] as Path, root));
  if (right.length > 0) {
    const types = right.flatMap((issues) =>
      issues.flatMap((issue) => (isDiscriminator(issue) && 'values' in issue ? issue.values.map(String) : [])),
    );
    const place = [...path, 'type'];
    return [wrongValue(at(root, place), types, place)];
  }
  const names = flat.flat().flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
  if (typeof value === 'string' && names.length > 0) return [wrongValue(value, names, path)];
  const allowed = flat.flatMap((issues) =>
    issues.flatMap((issue) => {
      if (issue.code === 'invalid_type') return [kinds[issue.expected] ?? issue.expected];
      return issue.code === 'invalid_value' ? ['a text'] : [];
    }),
  );
  const list = [...new Set(allowed)].join(' or ');
  return [
    value === undefined
      ? make('missing-key', path, undefined, list, 'is missing')
      : wrong('wrong-type', value, list, path),
  ];
}

/** The branches of a union within a union are branches of it. */
function flatten(issues: readonly Issue[]): (readonly Issue[])[] {
  const [only] = issues;
  if (issues.length !== 1 || only?.code !== 'invalid_union' || only.path.length > 0) return [issues];
  return (only.errors as Issue[][]).flatMap(flatten);
}

function isKind(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'custom';
}

function isDiscriminator(issue: Issue): boolean {
  return issue.path.length === 1 && issue.path[0] === 'type' && isKind(issue);
}

/** The problem of a key that the object at `path` does not have. */
function unknownKey(key: string, known: readonly string[], path: Path): Finding {
  const near = nearest(key, known);
  const elsewhere = near === undefined ? placesOf(key) : undefined;
  const hint = near ? `did you mean "${near}"?` : `known keys: ${known.join(', ')}`;
  return make(
    'unknown-key',
    [...path, key],
    JSON.stringify(key),
    known.join(', '),
    elsewhere ? `is no key of this place; it belongs ${elsewhere}` : `is no known key; ${hint}`,
  );
}

/** The problem of a text that is none of `allowed`. */
export function wrongValue(value: unknown, allowed: readonly string[], path: Path): Finding {
  if (value === undefined) return make('missing-key', path, undefined, allowed.join(', '), 'is missing');
  const near = typeof value === 'string' ? nearest(value, allowed) : undefined;
  const list = [...new Set(allowed)].map((one) => `"${one}"`).join(', ');
  const text = near ? `is ${shown(value, path)}; did you mean "${near}"?` : `is ${shown(value, path)}`;
  return make('wrong-value', path, shown(value, path), list, `${text} (allowed: ${list})`, false);
}

function wrong(code: ProblemCode, value: unknown, allowed: string, path: Path): Finding {
  return make(code, path, shown(value, path), allowed, `is ${shown(value, path)}`);
}

function make(
  code: ProblemCode,
  path: Path,
  found: string | undefined,
  allowed: string,
  text: string,
  tell = code !== 'unknown-key',
): Finding {
  return {
    code,
    path,
    ...(found !== undefined && { found }),
    allowed,
    message: tell ? `${text}; expected ${allowed}` : text,
  };
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
};

function smallest(origin: string, minimum: number, inclusive: boolean | undefined): string {
  if (origin === 'string') return 'a text that is not empty';
  if (origin === 'array') return minimum === 1 ? 'at least one entry' : `at least ${minimum} entries`;
  return inclusive ? `at least ${minimum}` : `more than ${minimum}`;
}

/** The value at `path`; `undefined` where there is none. */
export function at(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** The problem that a finding is, in the file that it came from. */
export function toProblem(found: Finding, place: Problem['place']): Problem {
  return { ...found, path: pathText(found.path), ...(place && { place }) };
}
