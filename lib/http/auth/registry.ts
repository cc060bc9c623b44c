// Ways to authenticate under names of the user's own, for use in a configuration.
import { OptionError } from '../../core/index.js';
import type { Auth } from './auth.js';

/** Makes an auth of the options that a configuration gives it, `type` left out. */
export type AuthFactory = (options: Readonly<Record<string, unknown>>) => Auth;

const factories = new Map<string, AuthFactory>();

/**
 * Makes a way to authenticate known under a name: `{ "type": "<name>", … }` in a configuration then makes one.
 * @example registerAuth('hmac', ({ key }) => (request) => ({ ...request, headers: { ...request.headers, 'x-signature': sign(request, key) } }))
 * @throws OptionError `ERR_INVALID_OPTION` for an empty name, or one that is taken.
 */
export function registerAuth(name: string, factory: AuthFactory): void {
  if (name === '') throw new OptionError('name', 'is empty');
  if (factories.has(name)) throw new OptionError('name', `${name} is registered already`);
  factories.set(name, factory);
}

/** The factory under a name. */
export function registeredAuth(name: string): AuthFactory | undefined {
  return factories.get(name);
}

/** All names that are registered. */
export function registeredAuths(): readonly string[] {
  return [...factories.keys()];
}
