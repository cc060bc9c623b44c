// One after the other: what must not happen twice at once under one name, in this process.

const last = new Map<string, Promise<unknown>>();

/** Does the work when all that was begun before under this name is done, whatever it came to. */
export function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const done = (last.get(name) ?? Promise.resolve()).then(work, work);
  last.set(name, done);
  const forget = () => {
    if (last.get(name) === done) last.delete(name);
  };
  done.then(forget, forget);
  return done;
}
