// Turns SIGINT and SIGTERM into a stop that keeps what is staged; a second signal ends the process at once.
import { exitCode } from './failure.js';

export interface Interrupt extends Disposable {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
}

/** Listens for signals until it is disposed of. `announce` is called at the first one. */
export function onInterrupt(announce: (signal: NodeJS.Signals) => void): Interrupt {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    announce(signal);
    controller.abort();
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
