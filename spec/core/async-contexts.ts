// Counts how often something asks Node to carry a value through its promises: the first time is what makes all of them dearer.
import { AsyncLocalStorage } from 'node:async_hooks';

/** How often it happens until `work` is over. */
export async function asyncContextsOf(work: () => Promise<unknown>): Promise<number> {
  const { prototype } = AsyncLocalStorage;
  const { run, enterWith } = prototype;
  let count = 0;
  prototype.run = function counted(this: AsyncLocalStorage<unknown>, ...given: unknown[]) {
    count += 1;
    return Reflect.apply(run, this, given);
  } as typeof run;
  prototype.enterWith = function counted(this: AsyncLocalStorage<unknown>, store: unknown) {
    count += 1;
    enterWith.call(this, store);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, { run, enterWith });
  }
  return count;
}
