// The cursors of one resource in one run: one for all of it, or one for each row of its parent.
import { Cursor } from './cursor.js';
import type { CursorState, IncrementalPlan } from './cursor-plan.js';
import type { CursorValue } from './cursor-value.js';

/** What a later run must know of a resource's cursors. */
export interface CursorsState {
  /** Of the one cursor; of many, where those start that are not among `parents`. */
  readonly last?: CursorValue;
  readonly seen?: readonly string[];
  /** How far each row of the parent has come, by a digest of what of it is used. */
  readonly parents?: Readonly<Record<string, CursorState>>;
}

export class Cursors {
  readonly #resource: string;
  readonly #plan: IncrementalPlan;
  readonly #stored: CursorsState | undefined;
  readonly #made = new Map<string, Cursor>();

  constructor(resource: string, plan: IncrementalPlan, stored: CursorsState | undefined) {
    this.#resource = resource;
    this.#plan = plan;
    this.#stored = stored;
  }

  /** The cursor for a row of the parent, named by what of it is used; without a parent there is one. */
  for(parent: string): Cursor {
    const { perParent } = this.#plan;
    const key = perParent ? parent : '';
    const stored = (perParent ? this.#stored?.parents?.[key] : undefined) ?? ownState(this.#stored);
    const cursor = this.#made.get(key) ?? new Cursor(this.#resource, this.#plan, stored);
    this.#made.set(key, cursor);
    return cursor;
  }

  /** What the next run is to know; `undefined` when there is nothing. */
  get state(): CursorsState | undefined {
    if (!this.#plan.perParent) return this.#made.get('')?.state ?? this.#stored;
    const parents = [...this.#made].flatMap(([key, { state }]) => (state === undefined ? [] : [[key, state] as const]));
    if (parents.length === 0) return this.#stored;
    return { ...this.#stored, parents: { ...this.#stored?.parents, ...Object.fromEntries(parents) } };
  }
}

function ownState(stored: CursorsState | undefined): CursorState | undefined {
  return stored?.last === undefined ? undefined : { last: stored.last, seen: stored.seen ?? [] };
}

/** The further of two states that resources share. */
export function furtherState(
  one: CursorsState | undefined,
  other: CursorsState | undefined,
  plan: IncrementalPlan,
): CursorsState | undefined {
  const [a, b] = [ownState(one), ownState(other)];
  if (a === undefined || b === undefined) return one ?? other;
  const cursor = new Cursor('', { ...plan, endValue: undefined }, a);
  cursor.report(b);
  return cursor.state;
}
