// What a sink gives to the operators above it, without their handing it on: whatever is subscribed to within the sink's own subscription
// finds it. With no sink there is no flow, and every operator works without one.
import { Ambient } from './ambient.js';
import type { Clock } from './clock.js';
import type { Meter } from './meter.js';
import type { Position } from './page.js';
import type { Pressure } from './pressure.js';

export interface Flow {
  readonly pressure: Pressure;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Names the load, also in the run that goes on with it; absent before the stage is open. */
  readonly loadId?: string | undefined;
  /** Aborts when the run is to stop. */
  readonly signal: AbortSignal;
  /** Where the walk goes on, when an earlier run was cut short: the position of the last page whose rows are durable. */
  saved(walk: string): Position | undefined;
  /**
   * The server refuses the position that `saved` gave: what the tables hold of the walk counts for nothing, and the walk begins from its
   * first page. To be called before any of its pages has come in this run. Absent where nothing is kept.
   */
  forget?(walk: string): void;
  /**
   * Whether all that is subscribed to in it is confined (`isConfined`): nothing subscribes later then without setting the flow again.
   * @default false
   */
  readonly isConfined?: boolean | undefined;
}

const flows = new Ambient<Flow>();

/** The flow that the running subscription belongs to; `undefined` outside a sink. */
export function currentFlow(): Flow | undefined {
  return flows.get();
}

/** Runs `subscribe` inside the flow: every subscription that it makes, now or later, finds the flow. */
export function withFlow<T>(flow: Flow, subscribe: () => T): T {
  return flow.isConfined ? flows.runNow(flow, subscribe) : flows.run(flow, subscribe);
}
