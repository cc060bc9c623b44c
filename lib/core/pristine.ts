// Which observables carry what the server sent without any code of the user's having seen it: only then is the text of a body
// known to be what its parsed value still is, since anything in between could have changed that in place.
import type { MonoTypeOperatorFunction } from 'rxjs';

const pristine = new WeakSet<object>();

/**
 * Notes that nothing but operators of this package stands between the server and those who subscribe to this. What they changed has no
 * `raw` any more.
 */
export function markPristine<T extends object>(observable: T): T {
  pristine.add(observable);
  return observable;
}

export function isPristine(observable: object): boolean {
  return pristine.has(observable);
}

/** The operator, for one that only looks at what passes, or leaves out `raw` where it changes rows: what is pristine stays so. */
export function keepsPristine<T>(operator: MonoTypeOperatorFunction<T>): MonoTypeOperatorFunction<T> {
  return (source) => {
    const made = operator(source);
    return isPristine(source) ? markPristine(made) : made;
  };
}
