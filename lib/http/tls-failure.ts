// Says in plain words why no secure connection came to stand: what is wrong with the certificate of which side, and what to do.
import type { Diagnosis } from './diagnosis.js';

/** By the code of Node or of the TLS library: what is wrong, and what to do. The first that fits counts. */
const advices: readonly (readonly [RegExp, string, string])[] = [
  [
    /^ERR_OSSL_/,
    'the certificate or the key of this side cannot be used',
    'Check cert, key, pfx and passphrase in the option tls.',
  ],
  [
    /CERT_HAS_EXPIRED/,
    "the server's certificate has expired",
    'Whoever runs the server must renew it. Check also the clock of this machine.',
  ],
  [
    /CERT_NOT_YET_VALID/,
    "the server's certificate is not valid yet",
    'Check the clock of this machine, and the certificate.',
  ],
  [
    /ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    "the server's certificate is for another host",
    'Check the host in the base URL: it must be one that the certificate names.',
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED/,
    'the server asks for a certificate of this side',
    'Give cert and key, or pfx, in the option tls.',
  ],
  [
    /ALERT_(UNKNOWN_CA|ACCESS_DENIED|\w*CERTIFICATE)/,
    'the server does not accept the certificate of this side',
    'Check cert and key, or pfx, in the option tls: the server must trust who signed the certificate, and it must not have expired.',
  ],
  [
    /ALERT_HANDSHAKE_FAILURE/,
    'the server refused the secure connection',
    'Where it asks for a certificate of this side, give cert and key, or pfx, in the option tls.',
  ],
  [
    /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_(GET|VERIFY|DECRYPT)/,
    "the server's certificate is not trusted",
    'For one that is signed by itself or by a private authority, give that certificate or the one of the authority as the option ca of tls.',
  ],
  [/SSL|TLS|EPROTO/, 'no secure connection', 'Check that the server speaks https on this port.'],
];

/** `undefined` for an error that has nothing to do with TLS. No such failure passes by itself. */
export function diagnoseTls(code: string, error: unknown): Diagnosis | undefined {
  const name = code === 'EPROTO' ? alertOf(error) : code;
  const found = advices.find(([words]) => words.test(name));
  if (found === undefined) return undefined;
  const [, what, advice] = found;
  return { code: 'ERR_HTTP_CONNECTION', reason: `${what} (${name})`, transient: false, advice };
}

/** What the server refused the connection with while it was made, which is in the message alone. */
function alertOf(error: unknown): string {
  const messages: string[] = [];
  for (let each = error; each instanceof Error && messages.length < 5; each = each.cause) messages.push(each.message);
  const [, alert] = /:(?:ssl|tls)\w* (alert [a-z ]+):/.exec(messages.join('\n')) ?? [];
  return alert === undefined ? 'EPROTO' : alert.toUpperCase().replaceAll(' ', '_');
}
