// Which observables carry what the server sent without any code of the user's having seen it: only then is the text of a body
// known to be what its parsed value still is, since anything in between could have changed that in place.

const pristine = new WeakSet<object>();

/** Notes that nothing but operators of this package stands between the server and those who subscribe to this. */
export function markPristine<T extends object>(observable: T): T {
  pristine.add(observable);
  return observable;
}

export function isPristine(observable: object): boolean {
  return pristine.has(observable);
}
