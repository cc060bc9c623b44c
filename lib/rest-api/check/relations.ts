// What is wrong with how resources depend on each other: parents that are missing, cycles.

import type { FullResource } from '../plan/defaults.js';
import { namedBy } from '../plan/parents.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

/** A resource in its long form, whose placeholders are in order, and where it stands. */
export interface Related {
  readonly resource: FullResource;
  readonly path: Path;
}

export function relationFindings(related: readonly Related[]): Finding[] {
  const found: Finding[] = [];
  const parents = new Map<string, readonly string[]>();
  for (const { resource, path } of related) {
    const names = namedBy(resource);
    parents.set(resource.name, names);
    if (names.length === 0) found.push(...withoutParent(resource, path));
    else if (names.length > 1) found.push(...ambiguousIncludes(resource, names, path));
  }
  for (const { resource, path } of related) {
    const round = cycle(resource.name, parents);
    if (round)
      found.push({ code: 'cycle', path, found: resource.name, message: `depends on itself: ${round.join(' -> ')}` });
  }
  return found;
}

/** What has no meaning for a resource that depends on none. */
function withoutParent(resource: FullResource, path: Path): Finding[] {
  const needs = 'needs a parent: a placeholder such as "{resources.posts.id}" in the path or the parameters';
  const conflict = (...keys: string[]): Finding => ({ code: 'conflict', path: [...path, ...keys], message: needs });
  return [
    ...((resource.include_from_parent ?? []).length > 0 ? [conflict('include_from_parent')] : []),
    ...(resource.on_error != null && resource.on_error !== 'fail' ? [conflict('on_error')] : []),
    ...(resource.endpoint.incremental?.per_parent ? [conflict('endpoint', 'incremental', 'per_parent')] : []),
  ];
}

/** With several parents it must be said of which one a field is. */
function ambiguousIncludes(resource: FullResource, names: readonly string[], path: Path): Finding[] {
  return (resource.include_from_parent ?? []).flatMap((entry, index): Finding[] => {
    if (names.some((name) => entry.startsWith(`${name}.`))) return [];
    const place = [...path, 'include_from_parent', index];
    const message = `is "${entry}"; with several parents write "${names[0]}.${entry}", or another of ${names.join(', ')}`;
    return [{ code: 'wrong-value', path: place, found: JSON.stringify(entry), message }];
  });
}

/** The way from a resource back to itself, when there is one: the shortest. */
function cycle(start: string, parents: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of parents.get(way.at(-1)!) ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
