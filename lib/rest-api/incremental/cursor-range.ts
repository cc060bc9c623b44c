// A range of a cursor, which one walk reads: the values that it asks with, and the rows that it lets through.
import { type Json, jsonPath, type Row } from '../../core/index.js';
import { ResourceError } from '../resource-error.js';
import { Boundary } from './boundary.js';
import type { CursorState, IncrementalPlan } from './cursor-plan.js';
import { type CursorValue, cursorValue } from './cursor-value.js';
import { compareTimes } from './dates.js';

/** The cursor that a range belongs to. */
export interface RangeOwner {
  readonly plan: IncrementalPlan;
  readonly resource: string;
  readonly stored: CursorState | undefined;
  ahead(a: CursorValue, b: CursorValue): number;
  report(reached: CursorState): void;
  converted(value: CursorValue): unknown;
}

export interface RangeOptions {
  readonly start: CursorValue | undefined;
  readonly end: CursorValue | undefined;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** How far one walk has come. */
export interface Tracker {
  /**
   * The rows that the cursor lets through, and whether pages after this one can have any. `facts` is what the cursor is read from when
   * that is not the rows.
   */
  take(rows: readonly Row[], facts?: unknown): { readonly rows: readonly Row[]; readonly isPast: boolean };
  /** For the position of the page that was taken last. */
  readonly state: Json;
  /** The walk has come to its end: only now does the cursor move. */
  done(): void;
}

export class CursorRange {
  readonly #cursor: RangeOwner;
  readonly #options: RangeOptions;
  /** The rows that the run before has read, which ended at their value. */
  readonly #known: Boundary | undefined;

  constructor(cursor: RangeOwner, options: RangeOptions) {
    this.#cursor = cursor;
    this.#options = options;
    this.#known = options.isFirst && this.#dropsKnown ? this.#boundary(cursor.stored) : undefined;
  }

  /** Tells it from the other ranges of the cursor; `undefined` when there are none. */
  get key(): CursorValue | undefined {
    return this.#options.isFirst && this.#options.isLast ? undefined : this.#options.start;
  }

  /** The value of `{incremental.<name>}`, as the API wants to be asked with it; `undefined` where there is none. */
  value(name: string): unknown {
    const { plan, stored } = this.#cursor;
    if (name === 'lag') return plan.lag;
    const values: Readonly<Record<string, CursorValue | undefined>> = {
      start_value: this.#options.start,
      initial_value: plan.initialValue,
      last_value: stored?.last ?? plan.initialValue,
      end_value: this.#options.end,
    };
    const value = values[name];
    return value === undefined ? undefined : this.#cursor.converted(value);
  }

  /** For a walk; with what it had come to when it was cut short. */
  track(saved?: Json): Tracker {
    const cursor = this.#cursor;
    const given = saved as CursorState | null | undefined;
    let last = given?.last;
    const boundary = this.#boundary(given ?? undefined);
    /** Made anew only when something changed: it is asked for on each page. */
    let state: CursorState | null = given ?? null;
    const reach = (value: CursorValue, row?: Row): void => {
      const order = last === undefined ? 1 : cursor.ahead(value, last);
      if (order < 0) return;
      if (order > 0) boundary.clear();
      last = value;
      const isMore = row !== undefined && this.#remembers && boundary.add(row);
      if (isMore || order > 0) state = null;
    };
    const snapshot = (): CursorState | null => {
      if (last === undefined) return null;
      state ??= { last, ...boundary.known };
      return state;
    };
    const take: Tracker['take'] = (rows, facts) => {
      if (cursor.plan.cursorFrom !== 'rows') {
        const value = this.#read(facts, 'a response');
        if (value !== undefined) reach(value);
        return { rows, isPast: false };
      }
      let isPast = false;
      const kept = rows.filter((row) => {
        const value = this.#read(row, 'a row');
        if (value === undefined) return cursor.plan.onMissing === 'include';
        const place = this.#place(value);
        if (place === 'past') isPast = true;
        if (place !== 'within' || this.#isKnown(row, value)) return false;
        reach(value, row);
        return true;
      });
      boundary.settle();
      return { rows: kept.length === rows.length ? rows : kept, isPast };
    };
    return {
      take,
      get state(): Json {
        return snapshot() as Json;
      },
      done: () => {
        const reached = snapshot();
        if (reached) cursor.report(reached);
      },
    };
  }

  #read(from: unknown, what: string): CursorValue | undefined {
    const { cursorPath, onMissing } = this.#cursor.plan;
    const found = jsonPath(cursorPath).first(from);
    const value = cursorValue(found);
    if (value !== undefined || onMissing !== 'raise') return value;
    const lacks = found === undefined || found === null ? 'has no' : 'cannot be ordered by its';
    throw new ResourceError(
      'ERR_CURSOR_VALUE',
      this.#cursor.resource,
      `${what} ${lacks} cursor "${cursorPath}"; set "on_cursor_value_missing" to "include" or "exclude" to read such rows or to leave them out`,
    );
  }

  #place(value: CursorValue): 'before' | 'within' | 'past' {
    const { rangeStart, rangeEnd, rowOrder, endValue } = this.#cursor.plan;
    const { start, end, isFirst, isLast } = this.#options;
    if (end !== undefined) {
      const beyond = this.#ahead(value, end, !isLast);
      const isWithin = beyond === 0 && isLast && endValue !== undefined && rangeEnd === 'closed';
      if (beyond >= 0 && !isWithin) return rowOrder === 'asc' ? 'past' : 'before';
    }
    if (start === undefined) return 'within';
    const since = this.#ahead(value, start, !isFirst);
    if (since > 0 || (since === 0 && !(isFirst && rangeStart === 'open'))) return 'within';
    return rowOrder === 'desc' ? 'past' : 'before';
  }

  /**
   * Above 0 when `value` is further on. Between two slices it is the server that says where a row belongs, by the time: a row whose time is written
   * in another way than the border would be in neither by its text.
   */
  #ahead(value: CursorValue, border: CursorValue, isBetween: boolean): number {
    return (isBetween ? compareTimes(value, border) : undefined) ?? this.#cursor.ahead(value, border);
  }

  /** Whether the row was read by the run before, which ended at its value. */
  #isKnown(row: Row, value: CursorValue): boolean {
    const { stored } = this.#cursor;
    if (stored === undefined || this.#known === undefined) return false;
    return this.#cursor.ahead(value, stored.last) === 0 && this.#known.has(row);
  }

  #boundary(known: CursorState | undefined): Boundary {
    const { plan, resource } = this.#cursor;
    // Rows of resources that share a state are different rows, also when they are the same.
    return new Boundary({ key: plan.boundaryKey ?? [], salt: plan.sharedAs === undefined ? '' : resource }, known);
  }

  /** Whether a later run is to know the rows at the boundary. */
  get #remembers(): boolean {
    return this.#cursor.plan.endValue === undefined;
  }

  /** Whether rows that are known are dropped when they come again. */
  get #dropsKnown(): boolean {
    const { boundaryKey, rangeStart, endValue, lag } = this.#cursor.plan;
    return boundaryKey !== undefined && rangeStart !== 'open' && endValue === undefined && lag === 0;
  }
}
