// What is wrong with how resources depend on each other: two parents, cycles.

import type { FullResource } from '../plan/defaults.js';
import { fieldsOf, requestTemplate } from '../plan/request-template.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

/** A resource in its long form, whose placeholders are in order, and where it stands. */
export interface Related {
  readonly resource: FullResource;
  readonly path: Path;
}

export function relationFindings(related: readonly Related[]): Finding[] {
  const found: Finding[] = [];
  const parents = new Map<string, string>();
  for (const { resource, path } of related) {
    const names = parentsOf(resource);
    if (names.length > 1) {
      const message = `depends on ${names.map((name) => `"${name}"`).join(' and ')}: more than one parent is not supported yet`;
      found.push({ code: 'unsupported', path, found: names.join(', '), message });
    } else if (names[0] !== undefined) parents.set(resource.name, names[0]);
    else if (resource.include_from_parent && resource.include_from_parent.length > 0) {
      const message = 'needs a parent: a placeholder such as "{resources.posts.id}" in the path or the parameters';
      found.push({ code: 'conflict', path: [...path, 'include_from_parent'], message });
    }
  }
  for (const { resource, path } of related) {
    const round = cycle(resource.name, parents);
    if (round)
      found.push({ code: 'cycle', path, found: resource.name, message: `depends on itself: ${round.join(' -> ')}` });
  }
  return found;
}

function parentsOf(resource: FullResource): string[] {
  const fields = fieldsOf(requestTemplate(resource.endpoint));
  return [...new Set(fields.flatMap((field) => (field.kind === 'parent' ? [field.resource] : [])))];
}

/** The way from a resource back to itself, when there is one. */
function cycle(start: string, parents: ReadonlyMap<string, string>): string[] | undefined {
  const way = [start];
  for (let next = parents.get(start); next !== undefined; next = parents.get(next)) {
    way.push(next);
    if (next === start) return way;
    if (way.length > parents.size + 1) return undefined;
  }
  return undefined;
}
