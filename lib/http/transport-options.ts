// What a transport of the package can be told of its connections.
import type { ProxyChoice } from './proxy.js';

export interface TransportOptions {
  /** Connections open to one origin at a time; further requests wait for one. @default 50 */
  readonly maxSockets?: number;
  /** Whether a connection is kept for the next request. @default true */
  readonly keepAlive?: boolean;
  /** Certificates of both sides. */
  readonly tls?: TlsOptions;
  /**
   * The proxy for all requests (`http://user:password@host:port`, or `https:`), a function that chooses one for a URL, or `false` for none.
   * @default the environment's: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, also in lower case; never for this machine itself.
   * Read when another origin is asked than before
   */
  readonly proxy?: ProxyChoice;
  /** Until a connection stands, TLS included, in milliseconds. @default no limit */
  readonly connectTimeout?: number;
  /** `'node-fetch'`: that package sends the requests, over the same connections. @default the platform's `node:http` and `node:https` */
  readonly fetch?: 'node-fetch';
}

/** All in PEM, but for `pfx`. */
export interface TlsOptions {
  /** Certificate authorities that are trusted beside the public ones and those in the file that `NODE_EXTRA_CA_CERTS` names. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** The client's certificate, for servers that ask for one (mTLS). */
  readonly cert?: string | Buffer;
  /** The key of `cert`. */
  readonly key?: string | Buffer;
  /** Certificate and key in one, as PKCS #12. */
  readonly pfx?: Buffer;
  /** For an encrypted `key` or `pfx`. */
  readonly passphrase?: string;
}

/** The private key and the passphrase, which nobody may see. */
export function tlsSecrets({ key, passphrase }: TlsOptions = {}): string[] {
  return [key, passphrase].flatMap((secret) => (secret === undefined ? [] : [String(secret).trim()]));
}
