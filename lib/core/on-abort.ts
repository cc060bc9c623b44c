// Many callbacks on one signal, such as one for each request of a run: a listener of the platform for each would cost more than the
// rest of a request, and a removed one keeps those after it in memory.

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back once when the signal aborts, unless it has aborted before. Returns what takes the callback back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = waiting.get(signal);
  const callbacks = known ?? new Set<() => void>();
  if (known === undefined) {
    waiting.set(signal, callbacks);
    signal.addEventListener('abort', () => callAll(callbacks), { once: true });
  }
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function callAll(callbacks: Set<() => void>): void {
  const all = [...callbacks];
  callbacks.clear();
  for (const callback of all) callback();
}
