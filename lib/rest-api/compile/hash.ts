// A short text that stands for values of any kind.
import { createHash } from 'node:crypto';

export function hashOf(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
