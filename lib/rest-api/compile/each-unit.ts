// Works on units, so many at once: they are made one by one when there is room for them, and their rows passed on as they come.
import { Observable, type OperatorFunction, Subscription } from 'rxjs';

/** Units that came together. */
export interface Batch<U> {
  readonly units: Iterable<U>;
  /** All units of the batch have come to their end. */
  done?(): void;
}

interface Open<U> {
  readonly batch: Batch<U>;
  readonly iterator: Iterator<U>;
  running: number;
  exhausted: boolean;
}

/** The first unit that fails ends it. */
export function eachUnit<U, T>(concurrency: number, work: (unit: U) => Observable<T>): OperatorFunction<Batch<U>, T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      const queue: Open<U>[] = [];
      let active = 0;
      let isComplete = false;
      let isPumping = false;

      function close(open: Open<U>): void {
        if (open.exhausted && open.running === 0) open.batch.done?.();
      }

      function next(): { open: Open<U>; unit: U } | undefined {
        for (let open = queue[0]; open !== undefined; open = queue[0]) {
          const { done, value } = open.iterator.next();
          if (!done) return { open, unit: value };
          queue.shift();
          open.exhausted = true;
          close(open);
        }
        return undefined;
      }

      function start({ open, unit }: { open: Open<U>; unit: U }): void {
        open.running += 1;
        active += 1;
        // There before the unit begins: it may end at once.
        const running = new Subscription();
        subscriber.add(running);
        const subscription = work(unit).subscribe({
          next: (value) => subscriber.next(value),
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            subscriber.remove(running);
            open.running -= 1;
            active -= 1;
            close(open);
            pump();
          },
        });
        running.add(subscription);
      }

      /** A trampoline: units that end at once cost no stack. */
      function pump(): void {
        if (isPumping) return;
        isPumping = true;
        try {
          while (active < concurrency && !subscriber.closed) {
            const found = next();
            if (found === undefined) break;
            start(found);
          }
        } catch (error) {
          subscriber.error(error);
        }
        isPumping = false;
        if (isComplete && queue.length === 0 && active === 0) subscriber.complete();
      }

      subscriber.add(
        source.subscribe({
          next: (batch) => {
            queue.push({ batch, iterator: batch.units[Symbol.iterator](), running: 0, exhausted: false });
            pump();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            isComplete = true;
            pump();
          },
        }),
      );
    });
}
