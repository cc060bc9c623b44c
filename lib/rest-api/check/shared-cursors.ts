// What is wrong with resources that share a cursor: they go on from one value, so it must mean the same to all of them.
import { cursorKind } from '../incremental/state-text.js';
import { planIncremental } from '../plan/incremental.js';
import type { Finding } from './from-zod.js';
import type { Related } from './relations.js';

/** Resources whose cursor has another path or order than that of those that share it. */
export function sharedCursorFindings(related: readonly Related[]): Finding[] {
  const first = new Map<string, { readonly name: string; readonly kind: string }>();
  return related.flatMap(({ resource, path }): Finding[] => {
    const plan = planIncremental(resource.endpoint, { keepsDuplicates: true });
    const shared = plan?.sharedAs;
    if (plan === undefined || shared === undefined) return [];
    const { path: field, direction } = cursorKind(plan);
    const kind = `"${field}" (${direction})`;
    const other = first.get(shared);
    if (other === undefined) first.set(shared, { name: resource.name, kind });
    if (other === undefined || other.kind === kind) return [];
    const message = `"${shared}" is shared with "${other.name}", whose cursor is ${other.kind} and not ${kind}: one value cannot stand for both`;
    return [{ code: 'conflict', path: [...path, 'endpoint', 'incremental', 'shared_as'], message }];
  });
}
