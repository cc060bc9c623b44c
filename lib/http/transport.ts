// The default transport: node-fetch over pools of kept connections.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import fetch from 'node-fetch';
import { acceptedEncodings, decompress } from './decompress.js';
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
      // Decompressed here: node-fetch takes compressed bodies that end too early for whole ones.
      const headers = { 'accept-encoding': acceptedEncodings, ...init.headers };
      const response = await fetch(url, { ...init, headers, agent, compress: false });
      const { status, statusText } = response;
      const coding = response.headers.get('content-encoding');
      const body = response.body as Readable | null;
      const compressed = coding !== null && body !== null && init.method !== 'HEAD' && status !== 204 && status !== 304;
      return { status, statusText, headers: response.headers, body: compressed ? decompress(body, coding) : body };
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
