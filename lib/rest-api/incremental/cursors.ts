// The cursors of one resource in one run: one for all of it, or one for each row of its parent.
import { Cursor } from './cursor.js';
import type { CursorState, IncrementalPlan } from './cursor-plan.js';
import type { CursorValue } from './cursor-value.js';

/** What a later run must know of a resource's cursors. */
export interface CursorsState {
  /** Of the one cursor; of many, where those start that are not among `parents`. */
  readonly last?: CursorValue;
  readonly seen?: readonly string[];
  readonly by?: readonly string[];
  readonly rows?: readonly string[];
  /** How far each row of the parent has come, by a digest of what of it is used. */
  readonly parents?: Readonly<Record<string, CursorState>>;
}

export class Cursors {
  readonly #resource: string;
  readonly #plan: IncrementalPlan;
  readonly #stored: CursorsState | undefined;
  /** What each of them has come to, as text: there may be a hundred thousand, and a cursor is only needed while its walks go on. */
  readonly #reached = new Map<string, string>();

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
    const cursor = new Cursor(this.#resource, this.#plan, stored, (state) =>
      this.#reached.set(key, JSON.stringify(state)),
    );
    const reached = this.#reached.get(key);
    if (reached !== undefined) cursor.report(JSON.parse(reached) as CursorState);
    return cursor;
  }

  /** What the next run is to know; `undefined` when there is nothing. */
  get state(): CursorsState | undefined {
    if (this.#reached.size === 0) return this.#stored;
    const reached = [...this.#reached].map(([key, text]) => [key, JSON.parse(text) as CursorState] as const);
    if (!this.#plan.perParent) return reached[0]![1];
    return { ...this.#stored, parents: { ...this.#stored?.parents, ...Object.fromEntries(reached) } };
  }
}

function ownState(stored: CursorsState | undefined): CursorState | undefined {
  if (stored?.last === undefined) return undefined;
  const { last, seen = [], by, rows } = stored;
  return { last, seen, ...(by && { by }), ...(rows && { rows }) };
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
