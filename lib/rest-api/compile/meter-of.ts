// Gives the walk of one resource a meter of its own, so that its requests and pages can be told from those of the others.
import { defer, type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { currentFlow, type Meter, withFlow } from '../../core/index.js';

/**
 * Passes everything through. What is reported above it goes to `meter` and on to the run's own. Without a sink there is no
 * run, and nothing is reported.
 */
export function meteredBy<T>(meter: Meter): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      const flow = currentFlow();
      if (flow === undefined) return source;
      return new Observable<T>((subscriber) => {
        subscriber.add(meter.events.subscribe((event) => flow.meter.report(event)));
        subscriber.add(
          withFlow({ ...flow, saved: (walk) => flow.saved(walk), meter }, () => source.subscribe(subscriber)),
        );
      });
    });
}
