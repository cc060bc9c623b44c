// Subscribes to a resource without a sink, and still hears what happens on the way: what was detected, and each retry.
import { Observable } from 'rxjs';
import { type Flow, isConfined, Meter, Pressure, type Progress, systemClock, withFlow } from '../core/index.js';

/** The same observable, whose subscribers' events are told. */
export function observed<T>(source: Observable<T>, onEvent: (event: Progress) => void): Observable<T> {
  return new Observable((subscriber) => {
    const meter = new Meter();
    const stop = new AbortController();
    const flow: Flow = {
      pressure: new Pressure(),
      meter,
      clock: systemClock,
      signal: stop.signal,
      saved: () => undefined,
      isConfined: isConfined(source),
    };
    subscriber.add(meter.events.subscribe(onEvent));
    subscriber.add(() => stop.abort());
    subscriber.add(withFlow(flow, () => source.subscribe(subscriber)));
  });
}
