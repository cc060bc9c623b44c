// Whose certificates are trusted when a client names authorities of its own.
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { TlsOptions } from './transport-options.js';

/** The public authorities, those of the environment, and those that are given: Node trusts none but the given ones as soon as there are some. */
export function authorities(given: NonNullable<TlsOptions['ca']>): (string | Buffer)[] {
  return [...rootCertificates, ...environmentAuthorities(), ...([given].flat() as (string | Buffer)[])];
}

/** As with Node itself, a file that cannot be read adds none. */
function environmentAuthorities(): readonly Buffer[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  if (!file) return [];
  try {
    return [readFileSync(file)];
  } catch {
    return [];
  }
}
