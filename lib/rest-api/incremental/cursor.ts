// The cursor of one resource, or of one row of its parent, in one run: where it starts, and how far its walks have come.
import { ResourceError } from '../resource-error.js';
import { unionOf } from './boundary.js';
import { compare } from './compare.js';
import type { CursorState, IncrementalPlan } from './cursor-plan.js';
import { CursorRange, type RangeOwner } from './cursor-range.js';
import { type CursorValue, plainValue } from './cursor-value.js';
import { conversions, earlier } from './dates.js';
import { slices } from './window.js';

/** What all the ranges of a cursor have in common. */
export class Cursor implements RangeOwner {
  readonly plan: IncrementalPlan;
  readonly resource: string;
  readonly start: CursorValue | undefined;
  /** From the last run; `undefined` when the configuration gives an end: such a run stands for itself. */
  readonly stored: CursorState | undefined;
  readonly #onMove: ((state: CursorState) => void) | undefined;
  #furthest: CursorState | undefined;

  /** @param onMove gets what the next run is to know, whenever that changes */
  constructor(
    resource: string,
    plan: IncrementalPlan,
    stored: CursorState | undefined,
    onMove?: (state: CursorState) => void,
  ) {
    this.plan = plan;
    this.resource = resource;
    this.stored = plan.endValue === undefined ? stored : undefined;
    this.#furthest = this.stored;
    this.#onMove = onMove;
    this.start = this.#startValue();
  }

  /** What the next run is to know; `undefined` when there is nothing. */
  get state(): CursorState | undefined {
    return this.plan.endValue === undefined ? this.#furthest : undefined;
  }

  /** What is asked for, one after the other or at once: the whole range, or its slices. `now` in milliseconds since 1970. */
  ranges(now = Date.now()): CursorRange[] {
    const { window, endValue: end } = this.plan;
    const { start } = this;
    if (window === undefined || start === undefined)
      return [new CursorRange(this, { start, end, isFirst: true, isLast: true })];
    try {
      const cut = slices(window, { start, end, now });
      return cut.map((slice, index) => new CursorRange(this, { ...slice, isFirst: index === 0 }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ResourceError('ERR_CURSOR_VALUE', this.resource, `its range ${error.message}`);
    }
  }

  /** Above 0 when `a` is further on than `b`. */
  ahead(a: CursorValue, b: CursorValue): number {
    const { direction } = this.plan;
    if (direction === 'last') return 1;
    if (typeof direction === 'function') {
      const [one, other] = [plainValue(a), plainValue(b)];
      return one === other ? 0 : direction([other, one]) === one ? 1 : -1;
    }
    const order = compare(a, b);
    if (order !== undefined) return order * this.#sign;
    const texts = [a, b].map((value) => JSON.stringify(plainValue(value))).join(' and ');
    throw new ResourceError(
      'ERR_CURSOR_VALUE',
      this.resource,
      `its cursor "${this.plan.cursorPath}" has values that cannot be compared: ${texts}`,
    );
  }

  /** Takes in what a walk has come to, which has come to its end. */
  report(reached: CursorState): void {
    const known = this.#furthest;
    const order = known === undefined ? 1 : this.ahead(reached.last, known.last);
    if (order > 0) this.#furthest = reached;
    else if (order === 0) this.#furthest = { last: reached.last, ...unionOf(known!, reached) };
    if (order >= 0 && this.state !== undefined) this.#onMove?.(this.state);
  }

  /** A value as the API wants to be asked with it. */
  converted(value: CursorValue): unknown {
    const { convert } = this.plan;
    try {
      if (typeof convert === 'function') return convert(plainValue(value));
      return convert === undefined ? plainValue(value) : conversions[convert](value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ResourceError('ERR_CURSOR_VALUE', this.resource, `its cursor cannot be converted: ${reason}`);
    }
  }

  /** The last value moved back by the lag, but never beyond the initial one. */
  #startValue(): CursorValue | undefined {
    const { initialValue, lag, endValue } = this.plan;
    const last = this.stored?.last;
    if (last === undefined) return initialValue;
    if (lag === 0 || endValue !== undefined || typeof this.plan.direction === 'function') return last;
    const moved = earlier(last, this.#sign * lag);
    return initialValue !== undefined && this.ahead(initialValue, moved) > 0 ? initialValue : moved;
  }

  get #sign(): number {
    return this.plan.direction === 'min' ? -1 : 1;
  }
}
