// Hints of a table that are functions of its rows: which of a resource they are, and what it is without them.
import type { Row } from '../../core/index.js';
import { rowHintSchemas } from '../config/resource-schema.js';

export type RowHintKey = keyof typeof rowHintSchemas;

/** Those hints of a resource that are functions. */
export type RowHints = Readonly<Partial<Record<RowHintKey, (row: Row) => unknown>>>;

type Hinted = { readonly [K in RowHintKey]?: unknown };

/** A resource of which no hint is a function. */
export type WithoutRowHints<R> = {
  [K in keyof R]: K extends RowHintKey ? Exclude<R[K], (row: Row) => unknown> : R[K];
};

export const rowHintKeys = Object.keys(rowHintSchemas) as readonly RowHintKey[];

export function rowHintsOf(resource: Hinted): RowHints {
  const found = rowHintKeys.filter((key) => typeof resource[key] === 'function');
  return Object.fromEntries(found.map((key) => [key, resource[key] as (row: Row) => unknown]));
}

/** The resource as if nothing had been said in the place of functions. */
export function withoutRowHints<R extends Hinted>(resource: R): WithoutRowHints<R> {
  const hints = rowHintsOf(resource);
  return Object.fromEntries(Object.entries(resource).filter(([key]) => !(key in hints))) as WithoutRowHints<R>;
}
