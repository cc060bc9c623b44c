// The common body of all table sinks.
import { Observable, type OperatorFunction } from 'rxjs';
import type { HighWater, Receipt, Rows } from '../core/index.js';
import { AbortedError, markConfined } from '../core/index.js';
import { type Checkpoint, checkpointOf } from './checkpoint.js';
import type { DestinationPlan } from './destination.js';
import { Intake } from './intake.js';
import type { Target } from './publish.js';
import { confinedChain, currentRun } from './run.js';
import { Session } from './session.js';
import { oneTable } from './table-intake.js';

export interface IntakeSinkOptions {
  /** How much may be lost when the process is killed. */
  readonly checkpoint?: Checkpoint;
  /** How many pages and bytes may be on their way. A `run` has one of its own for all its tables. */
  readonly highWaterMark?: Partial<HighWater>;
}

export interface TableSinkOptions extends IntakeSinkOptions {
  readonly target: Target;
}

/** The tables of sinks. */
const targets = new WeakMap<object, Target>();

/** The table that a sink writes; `undefined` for what is no sink of a table. */
export function targetOf(sink: object): Target | undefined {
  return targets.get(sink);
}

/**
 * The operator that takes pages of rows into a table. Emits a receipt for each commit, and the last one when the table is published.
 * Nothing is published unless the source completes: when it fails, or the chain is unsubscribed from, what came is kept in the stage
 * and the next subscription goes on from there.
 */
export function tableSink<T>({ target, ...options }: TableSinkOptions): OperatorFunction<Rows<T>, Receipt> {
  const sink = intakeSink<T>(oneTable(target), options);
  targets.set(sink, target);
  return sink;
}

/** The body of `tableSink`, for whatever takes the rows. */
export function intakeSink<T>(
  plan: DestinationPlan<T>,
  { checkpoint, highWaterMark }: IntakeSinkOptions,
): OperatorFunction<Rows<T>, Receipt> {
  const limits = checkpointOf(checkpoint);
  return markConfined((source) => {
    const chain = new Observable<Receipt>((subscriber) => {
      const session = currentRun()?.session() ?? new Session(highWaterMark === undefined ? {} : { highWaterMark });
      const intake = new Intake<T>({ plan, checkpoint: limits, session }, subscriber);
      intake.start(source);
      return () => session.fail(new AbortedError('the chain was unsubscribed from before its end'));
    });
    return confinedChain(chain, [source]);
  });
}
