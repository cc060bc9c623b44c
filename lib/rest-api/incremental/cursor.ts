// The cursor of one resource in one run: where it starts, which rows it lets through, and how far it has come.
import { createHash } from 'node:crypto';
import { isExactNumber, type Json, jsonPath, type Row } from '../../core/index.js';
import { ResourceError } from '../resource-error.js';
import { type CursorValue, compare, cursorValue, plainValue } from './cursor-value.js';
import { type Conversion, conversions, earlier } from './dates.js';

/** What a configuration says of a cursor, with its defaults. */
export interface IncrementalPlan {
  readonly cursorPath: string;
  readonly initialValue: CursorValue | undefined;
  readonly endValue: CursorValue | undefined;
  readonly direction: 'max' | 'min';
  /** The columns by which rows at the boundary are told apart; empty: the whole row; `undefined`: they are not. */
  readonly boundaryKey: readonly string[] | undefined;
  readonly rowOrder: 'asc' | 'desc' | undefined;
  readonly lag: number;
  readonly onMissing: 'raise' | 'include' | 'exclude';
  readonly rangeStart: 'closed' | 'open';
  readonly rangeEnd: 'closed' | 'open';
  readonly startParam: string | undefined;
  readonly endParam: string | undefined;
  readonly convert: Conversion | ((value: string | number) => string | number) | undefined;
}

/** How far a resource has come: the furthest value, and which rows have it. */
export interface CursorState {
  readonly last: CursorValue;
  /** Of the rows that have the last value: those that come again are dropped. */
  readonly seen: readonly string[];
}

/** How far one walk has come; the cursor gathers what all of them report. */
export interface Tracker {
  /** The rows that the cursor lets through, and whether pages after this one can have any. */
  take(rows: readonly Row[]): { readonly rows: readonly Row[]; readonly isPast: boolean };
  /** For the position of the page that was taken last. */
  readonly state: Json;
}

export class Cursor {
  readonly #plan: IncrementalPlan;
  readonly #resource: string;
  readonly #start: CursorValue | undefined;
  readonly #stored: CursorState | undefined;
  #furthest: CursorState | undefined;

  /** @param stored from the last run; not looked at when the configuration gives an end: such a run stands for itself */
  constructor(resource: string, plan: IncrementalPlan, stored: CursorState | undefined) {
    this.#plan = plan;
    this.#resource = resource;
    this.#stored = plan.endValue === undefined ? stored : undefined;
    this.#furthest = this.#stored;
    this.#start = this.#startValue();
  }

  /** What the next run is to know; `undefined` when there is nothing. */
  get state(): CursorState | undefined {
    return this.#plan.endValue === undefined ? this.#furthest : undefined;
  }

  /** The value of `{incremental.<name>}`, as the API wants to be asked with it; `undefined` where there is none. */
  value(name: string): unknown {
    const { lag, endValue, initialValue } = this.#plan;
    if (name === 'lag') return lag;
    const values: Readonly<Record<string, CursorValue | undefined>> = {
      start_value: this.#start,
      initial_value: initialValue,
      last_value: this.#stored?.last ?? initialValue,
      end_value: endValue,
    };
    const value = values[name];
    return value === undefined ? undefined : this.#converted(value);
  }

  /** For a walk; with what it had come to when it was cut short. */
  track(saved?: Json): Tracker {
    let reached = saved as CursorState | null | undefined;
    if (reached) this.#report(reached);
    const take: Tracker['take'] = (rows) => {
      let isPast = false;
      const kept = rows.filter((row) => {
        const value = this.#read(row);
        if (value === undefined) return this.#plan.onMissing === 'include';
        const place = this.#place(value);
        if (place === 'past') isPast = true;
        if (place !== 'within' || this.#isKnown(row, value)) return false;
        reached = this.#further(reached ?? undefined, value, row);
        return true;
      });
      if (reached) this.#report(reached);
      return { rows: kept.length === rows.length ? rows : kept, isPast };
    };
    return {
      take,
      get state(): Json {
        return (reached ?? null) as Json;
      },
    };
  }

  /** The last value moved back by the lag, but never beyond the initial one. */
  #startValue(): CursorValue | undefined {
    const { initialValue, lag, endValue } = this.#plan;
    const last = this.#stored?.last;
    if (last === undefined) return initialValue;
    if (lag === 0 || endValue !== undefined) return last;
    const moved = earlier(last, this.#sign * lag);
    return initialValue !== undefined && this.#ahead(initialValue, moved) > 0 ? initialValue : moved;
  }

  get #sign(): number {
    return this.#plan.direction === 'max' ? 1 : -1;
  }

  /** Above 0 when `a` is further on than `b`. */
  #ahead(a: CursorValue, b: CursorValue): number {
    const order = compare(a, b);
    if (order !== undefined) return order * this.#sign;
    const texts = [a, b].map((value) => JSON.stringify(plainValue(value))).join(' and ');
    throw new ResourceError(
      'ERR_CURSOR_VALUE',
      this.#resource,
      `its cursor "${this.#plan.cursorPath}" has values that cannot be compared: ${texts}`,
    );
  }

  #read(row: Row): CursorValue | undefined {
    const { cursorPath, onMissing } = this.#plan;
    const found = jsonPath(cursorPath).first(row);
    const value = cursorValue(found);
    if (value !== undefined || onMissing !== 'raise') return value;
    const what = found === undefined || found === null ? 'has no' : 'cannot be ordered by its';
    throw new ResourceError(
      'ERR_CURSOR_VALUE',
      this.#resource,
      `a row ${what} cursor "${cursorPath}"; set "on_cursor_value_missing" to "include" or "exclude" to read such rows or to leave them out`,
    );
  }

  #place(value: CursorValue): 'before' | 'within' | 'past' {
    const { endValue, rangeStart, rangeEnd, rowOrder } = this.#plan;
    if (endValue !== undefined) {
      const beyond = this.#ahead(value, endValue);
      if (beyond > 0 || (beyond === 0 && rangeEnd === 'open')) return rowOrder === 'asc' ? 'past' : 'before';
    }
    if (this.#start === undefined) return 'within';
    const since = this.#ahead(value, this.#start);
    if (since > 0 || (since === 0 && rangeStart === 'closed')) return 'within';
    return rowOrder === 'desc' ? 'past' : 'before';
  }

  /** Whether the row was read by the run before, which ended at its value. */
  #isKnown(row: Row, value: CursorValue): boolean {
    if (this.#stored === undefined || this.#stored.seen.length === 0) return false;
    return this.#ahead(value, this.#stored.last) === 0 && this.#stored.seen.includes(this.#hash(row)!);
  }

  #further(reached: CursorState | undefined, value: CursorValue, row: Row): CursorState {
    const hash = this.#hash(row);
    const fresh = hash === undefined ? [] : [hash];
    const order = reached === undefined ? 1 : this.#ahead(value, reached.last);
    if (order > 0) return { last: value, seen: fresh };
    if (order < 0 || reached === undefined || fresh.length === 0) return reached as CursorState;
    return { last: reached.last, seen: [...new Set([...reached.seen, ...fresh])] };
  }

  /** Gathers what a walk has come to. */
  #report(reached: CursorState): void {
    const order = this.#furthest === undefined ? 1 : this.#ahead(reached.last, this.#furthest.last);
    if (order > 0) this.#furthest = reached;
    else if (order === 0) {
      this.#furthest = { last: reached.last, seen: [...new Set([...(this.#furthest?.seen ?? []), ...reached.seen])] };
    }
  }

  /** Tells a row at the boundary from others; `undefined` when nobody needs to. */
  #hash(row: Row): string | undefined {
    const { boundaryKey: key, rangeStart, endValue, lag } = this.#plan;
    if (key === undefined || rangeStart === 'open' || endValue !== undefined || lag !== 0) return undefined;
    const what = key.length === 0 ? row : key.map((name) => row[name]);
    const text = JSON.stringify(what, (_, item) =>
      typeof item === 'bigint' || isExactNumber(item) ? String(item) : item,
    );
    return createHash('sha256').update(text).digest('base64url').slice(0, 16);
  }

  #converted(value: CursorValue): unknown {
    const { convert } = this.#plan;
    try {
      if (typeof convert === 'function') return convert(plainValue(value));
      return convert === undefined ? plainValue(value) : conversions[convert](value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ResourceError('ERR_CURSOR_VALUE', this.#resource, `its cursor cannot be converted: ${reason}`);
    }
  }
}
