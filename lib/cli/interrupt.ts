// Turns SIGINT and SIGTERM into a stop that finishes the pages on their way and keeps what is staged; a second signal ends the
// process at once.
import { exitCode } from './exit-code.js';

export interface Interrupt extends Disposable {
  /** Aborts after the first signal, when `finish` is done. */
  readonly signal: AbortSignal;
}

/** Listens for signals until it is disposed of. `finish` is called at the first one, and waited for. */
export function onInterrupt(finish: (signal: NodeJS.Signals) => Promise<void>): Interrupt {
  const controller = new AbortController();
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(exitCode.interrupted);
    stopping = true;
    finish(signal).finally(() => controller.abort());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
