// The default transport: node-fetch over pools of kept connections.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch from 'node-fetch';
import type { Fetch } from './fetch-type.js';

export interface TransportOptions {
  /** Connections open to one origin at a time; further requests wait for one. @default 50 */
  readonly maxSockets?: number;
  /** Whether a connection is kept for the next request. @default true */
  readonly keepAlive?: boolean;
}

export interface Transport {
  readonly fetch: Fetch;
  /** Closes the connections that are kept. */
  close(): void;
}

/** A transport of its own pool. Kept connections do not keep the process alive. */
export function transport({ maxSockets = 50, keepAlive = true }: TransportOptions = {}): Transport {
  const options = { keepAlive, maxSockets, scheduling: 'lifo' } as const;
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  const agent = (url: URL) => (url.protocol === 'https:' ? https : http);
  return {
    fetch: async (url, init) => {
      const response = await fetch(url, { ...init, agent });
      return response as typeof response & { body: AsyncIterable<Uint8Array> | null };
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
