// The rules of a table as a stage keeps them, for a run that goes on with another.
import { type Json, namesOf } from '../core/index.js';
import type { WriteRules } from './write-rules.js';

/** The rules as plain JSON, for a run that goes on with this one. */
export function storedRules(rules: WriteRules): Json {
  const known = new Set<string>(ruleNames);
  return Object.fromEntries(Object.entries(rules).filter(([name, value]) => known.has(name) && value !== undefined));
}

/** Whether rows with these rules come in the place of all that is published, whatever the disposition. */
export function refreshedBy(stored: Json | undefined): boolean {
  return (stored as StoredRules | undefined)?.refreshes === true;
}

/** A table with the rules that a run before has stored. */
export function withStoredRules<T extends WriteRules>(table: T, stored: Json): T {
  const known = new Set<string>(ruleNames);
  const others = Object.entries(table).filter(([name]) => !known.has(name));
  return { ...Object.fromEntries(others), ...(stored as unknown as StoredRules) } as T;
}

type StoredRules = Omit<WriteRules, 'partial'>;

const ruleNames = namesOf<StoredRules>({
  disposition: true,
  strategy: true,
  primaryKey: true,
  mergeKey: true,
  hardDelete: true,
  dedupSort: true,
  deduplicated: true,
  deleteMissing: true,
  deletedAt: true,
  nullKeys: true,
  validity: true,
  refreshes: true,
});
