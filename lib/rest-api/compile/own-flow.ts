// The flow of one resource within a run: its requests and pages are counted for it alone, and reported to the run as well.
import { setMaxListeners } from 'node:events';
import { Observable } from 'rxjs';
import { currentFlow, type Flow, type Meter, withFlow } from '../../core/index.js';

/** A flow with some of its parts replaced. */
export function flowWith(flow: Flow, parts: Partial<Flow>): Flow {
  return { ...flow, saved: (walk) => flow.saved(walk), forget: (walk) => flow.forget?.(walk), ...parts };
}

/** Runs `subscribe` inside the flow, when there is one. */
export function inFlow<T>(flow: Flow | undefined, subscribe: () => T): T {
  return flow === undefined ? subscribe() : withFlow(flow, subscribe);
}

/**
 * What `make` makes, reporting to `meter`, and through it to the run. `make` is told the resource's own flow and the run's; without a
 * sink there are none.
 */
export function withOwnFlow<T>(
  meter: Meter,
  make: (own: Flow | undefined, run: Flow | undefined) => Observable<T>,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const run = currentFlow();
    const own = run && flowWith(run, { meter });
    // Each request in flight listens to the run's signal: with several resources and children that is no leak.
    if (run) setMaxListeners(0, run.signal);
    if (run) subscriber.add(meter.events.subscribe((event) => run.meter.report(event)));
    subscriber.add(inFlow(own, () => make(own, run).subscribe(subscriber)));
  });
}
