// The default transport: node-fetch over pools of kept connections, through proxies where they are set.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import fetch from 'node-fetch';
import { guard } from './agent-guard.js';
import { acceptedEncodings, decompress } from './decompress.js';
import type { Fetch } from './fetch-type.js';
import { type ProxyChoice, proxyFor } from './proxy.js';

export interface TransportOptions {
  /** Connections open to one origin at a time; further requests wait for one. @default 50 */
  readonly maxSockets?: number;
  /** Whether a connection is kept for the next request. @default true */
  readonly keepAlive?: boolean;
  /** Certificates of both sides. */
  readonly tls?: TlsOptions;
  /**
   * The proxy for all requests (`http://user:password@host:port`), a function that chooses one for a URL, or `false` for none.
   * @default the environment's: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, also in lower case; never for this machine itself
   */
  readonly proxy?: ProxyChoice;
  /** Until a connection stands, TLS included, in milliseconds. @default no limit */
  readonly connectTimeout?: number;
}

/** All in PEM, but for `pfx`. */
export interface TlsOptions {
  /** Certificate authorities that are trusted beside the public ones. */
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

export interface Transport {
  readonly fetch: Fetch;
  /** Closes the connections that are kept, also those in use. */
  close(): void;
  /** Closes the connections that are kept and not in use. */
  closeIdle(): void;
}

/** A transport with pools of its own. Kept connections do not keep the process alive. */
export function transport(options: TransportOptions = {}): Transport {
  const { maxSockets = 50, keepAlive = true, tls: { ca, ...tls } = {}, proxy, connectTimeout } = options;
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ...[ca].flat()] as (string | Buffer)[] };
  const settings = { keepAlive, maxSockets, scheduling: 'lifo' as const, ...tls, ...trusted };
  const agents = new Map<string, HttpAgent>();

  async function agentFor(url: URL): Promise<HttpAgent> {
    const via = proxyFor(url, proxy);
    const key = `${url.protocol} ${via}`;
    const known = agents.get(key);
    if (known !== undefined) return known;
    const agent = via === '' ? direct(url.protocol) : await through(via, url.protocol);
    // While the proxy's agent was loaded, another request may have made one.
    const first = agents.get(key);
    if (first !== undefined) return first;
    agents.set(key, guard(agent, connectTimeout));
    return agent;
  }

  function direct(protocol: string): HttpAgent {
    return protocol === 'https:' ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  /** What speaks with proxies is loaded when there is one. */
  async function through(proxy: string, protocol: string): Promise<HttpAgent> {
    if (protocol === 'https:') return new (await import('./tunnel.js')).Tunnel(proxy, settings);
    return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, settings);
  }

  return {
    fetch: async (url, init) => {
      // Decompressed here: node-fetch takes compressed bodies that end too early for whole ones.
      const headers = { 'accept-encoding': acceptedEncodings, ...init.headers };
      const agent = await agentFor(new URL(url));
      const response = await fetch(url, { ...init, headers, agent, compress: false });
      const { status, statusText } = response;
      const coding = response.headers.get('content-encoding');
      const body = response.body as Readable | null;
      const compressed = coding !== null && body !== null && hasBody(init.method, status);
      return { status, statusText, headers: response.headers, body: compressed ? decompress(body, coding) : body };
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
    closeIdle: () => {
      for (const { freeSockets } of agents.values())
        for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
    },
  };
}

/** Whether an answer has a body by its nature. */
export function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}
