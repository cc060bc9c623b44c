// Runs chains to their end: all their tables share one stage, one pressure, one meter, and are published after all have completed.
import type { Observable, Subscription } from 'rxjs';
import {
  Ambient,
  areConfined,
  type Counts,
  type HighWater,
  Meter,
  OptionError,
  type Progress,
  type Receipt,
} from '../core/index.js';
import { Session } from './session.js';

export interface RunOptions {
  /** Stops the run: what was committed is kept, and the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** Is told of everything that happens, with the totals so far. */
  readonly onProgress?: (event: Progress, counts: Counts) => void;
  /** How many pages and bytes may be on their way, over all tables. */
  readonly highWaterMark?: Partial<HighWater>;
  /**
   * How much of a table's log is a file of its own, in bytes, above 0. What is finished of it is typed while rows still come: smaller ones make
   * the publish at the end shorter, and the row groups of the published file smaller. @default 16777216 (16 MiB)
   */
  readonly segmentBytes?: number;
  /** The stage's folder. Needed only when the same tables are loaded by different runs. @default `.sluice/<file names>` beside the first table */
  readonly stage?: string;
}

/** What the sinks of a run find when they are subscribed to. */
interface Run {
  /** The session to join: a new one when the tables of the last are published already. */
  session(): Session;
}

const runs = new Ambient<Run>();

/** The run that the running subscription belongs to. */
export function currentRun(): Run | undefined {
  return runs.get();
}

/** Apart from those that `markConfined` knows: what subscribes to a chain once more does not set the run again. */
const confinedChains = new WeakSet<object>();

/** The chain, which ends in sinks, and is confined when its parts are: its sinks look for the run while it is being subscribed to. */
export function confinedChain(chain: Observable<Receipt>, parts: readonly unknown[]): Observable<Receipt> {
  if (areConfined(parts)) confinedChains.add(chain);
  return chain;
}

/**
 * Subscribes to the chains within the run under way, or within one of their own: the tables that are subscribed to in it share one session.
 */
export function inRun(chains: readonly Observable<Receipt>[], subscribe: Subscribe): void {
  subscribeIn(currentRun() ?? sessions({ meter: new Meter() }), chains, subscribe);
}

type Subscribe = (chain: Observable<Receipt>, index: number) => void;

/** Subscribes to each chain, whose sinks find the run. */
function subscribeIn(run: Run, chains: readonly Observable<Receipt>[], subscribe: Subscribe): void {
  for (const [index, chain] of chains.entries()) {
    if (confinedChains.has(chain)) runs.runNow(run, () => subscribe(chain, index));
    else runs.run(run, () => subscribe(chain, index));
  }
}

/**
 * Subscribes to the chains and resolves with the last receipt of each when all tables are published.
 *
 * All tables are staged together, and none is published before all sources have completed. When one chain fails, all are stopped;
 * what came is kept, and the next run goes on from there.
 *
 * @example
 * const receipt = await run(pages(api, '/v1/projects').pipe(select('data'), parquet('out/projects.parquet')));
 * @throws the error of the first chain that fails; AbortedError `ERR_ABORTED`
 */
export function run(chain: Observable<Receipt>, options?: RunOptions): Promise<Receipt>;
export function run(chains: readonly Observable<Receipt>[], options?: RunOptions): Promise<Receipt[]>;
export function run(
  chains: Observable<Receipt> | readonly Observable<Receipt>[],
  options: RunOptions = {},
): Promise<Receipt | Receipt[]> {
  const { segmentBytes } = options;
  if (segmentBytes !== undefined && !(segmentBytes > 0))
    throw new OptionError('segmentBytes', `must be above 0, not ${segmentBytes}`);
  const list = isList(chains) ? chains : [chains];
  const meter = new Meter();
  const { onProgress } = options;
  const progress = onProgress && meter.events.subscribe((event) => onProgress(event, meter.counts));
  const receipts = runAll(list, sessions({ ...options, meter })).finally(() => progress?.unsubscribe());
  return isList(chains) ? receipts : receipts.then(([receipt]) => receipt!);
}

function isList(
  chains: Observable<Receipt> | readonly Observable<Receipt>[],
): chains is readonly Observable<Receipt>[] {
  return Array.isArray(chains);
}

function sessions(options: RunOptions & { readonly meter: Meter }): Run {
  let session: Session | undefined;
  return {
    session() {
      if (session?.running) return session;
      // Connections that are kept hold on to the run in which they were opened: the tables of that are not to be held with it.
      const ended = (): void => {
        if (session === made) session = undefined;
      };
      const made = new Session({ ...options, ended });
      session = made;
      return made;
    },
  };
}

function runAll(chains: readonly Observable<Receipt>[], context: Run): Promise<Receipt[]> {
  return new Promise((resolve, reject) => {
    const last: (Receipt | undefined)[] = chains.map(() => undefined);
    const subscriptions: Subscription[] = [];
    let open = chains.length;
    if (open === 0) resolve([]);
    const fail = (error: unknown): void => {
      reject(error);
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
    subscribeIn(context, chains, (chain, index) => {
      const subscription = chain.subscribe({
        next: (receipt) => {
          last[index] = receipt;
        },
        error: fail,
        complete: () => {
          if (last[index] === undefined)
            fail(new OptionError('chain', 'ended without a receipt: it must end in a sink'));
          open -= 1;
          if (open === 0) resolve(last as Receipt[]);
        },
      });
      subscriptions.push(subscription);
    });
  });
}
