// What runs no code but this package's. Only of that it is known when it subscribes: while it is subscribed to itself, or later where this
// package sets the flow again. So the flow need not be kept for whatever else might ask for it, which would cost every promise.
import type { OperatorFunction } from 'rxjs';

const confined = new WeakSet<object>();

/** Notes that it calls no function of the program's, and subscribes to nothing later but with `withFlow` around it. */
export function markConfined<T extends object>(made: T): T {
  confined.add(made);
  return made;
}

export function isConfined(made: object): boolean {
  return confined.has(made);
}

/** Whether all of them are values without code, or marked themselves. */
export function areConfined(parts: readonly unknown[]): boolean {
  return !parts.some((part) => isForeign(part));
}

/** What was made of `parts`, marked when all of them are confined. */
export function confinedWith<T extends object>(made: T, parts: readonly unknown[]): T {
  return areConfined(parts) ? markConfined(made) : made;
}

/** The operator, for one that is confined: so is then what it makes of a source that is. */
export function keepsConfined<T, R>(operator: OperatorFunction<T, R>): OperatorFunction<T, R> {
  return (source) => confinedWith(operator(source), [source]);
}

/** How deep functions are looked for; what goes on deeper may have some. */
const deepest = 20;

/** Whether there may be code in it. Of an object with a class, only what made it knows. */
function isForeign(part: unknown, depth = 0): boolean {
  if (typeof part === 'function') return !isConfined(part);
  if (typeof part !== 'object' || part === null || isConfined(part) || ArrayBuffer.isView(part)) return false;
  const prototype = Object.getPrototypeOf(part);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return true;
  return depth === deepest || Object.values(part).some((each) => isForeign(each, depth + 1));
}
