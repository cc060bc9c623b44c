// Loads the engine while the server is waited for, and not when all rows have come.
import type { Engine } from './engine.js';

/** Milliseconds after which the first requests are likely to have been sent, and there is nothing to do but wait. */
const delay = 30;

/** Returns what calls it off. */
export function warmUpSoon(engine: Pick<Engine, 'warmUp'>): () => void {
  const timer = setTimeout(() => engine.warmUp?.(), delay).unref();
  return () => clearTimeout(timer);
}
