// Shows a value of a configuration in a message, without giving away a secret.
import type { Path } from './problem.js';

const secretName = /(api[-_]?key|token|secret|password|passwd|pwd|private[-_]?key|authorization|credential|cookie)/i;
/** Keys of an auth that are no secrets. */
const open = new Set(['type', 'name', 'location', 'access_token_url', 'default_token_expiration']);

/** Whether what stands at `path` may be a secret. */
export function isSecret(path: Path): boolean {
  const last = path.at(-1);
  if (typeof last !== 'string') return path.length > 1 && isSecret(path.slice(0, -1));
  if (path.at(-2) === 'auth') return !open.has(last);
  return secretName.test(last) && !/_(param|path|url)$/.test(last);
}

/** The value at `path`, in a few words: a short text or number as it is, anything else by its kind. */
export function shown(value: unknown, path: Path): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (isSecret(path)) return '***';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  return String(value);
}
