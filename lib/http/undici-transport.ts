// undici as the transport. The program brings undici along.
import type { Readable } from 'node:stream';
import { decompressed } from './decompress.js';
import { defaultHeaders } from './default-headers.js';
import type { Fetch } from './fetch-type.js';
import type { HeaderPair } from './raw-headers.js';

/** The part of undici that is used. */
export interface Undici {
  request(url: string, options: UndiciOptions): Promise<UndiciResponse>;
}

export interface UndiciOptions {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  dispatcher?: never;
}

export interface UndiciResponse {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/**
 * A transport over `undici.request`, with undici's own pools, proxies and timeouts: set a global dispatcher for those.
 *
 * With `import * as undici from 'undici'`: `client({ baseUrl: 'https://api.example.com', fetch: undiciTransport(undici) })`.
 */
export function undiciTransport({ request }: Undici): Fetch {
  return async (url, { method, headers, body, signal }) => {
    const options = {
      method,
      headers: { ...defaultHeaders, ...headers },
      signal,
      ...(body !== undefined && { body }),
    };
    const response = await request(url, options);
    const pairs = Object.entries(response.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): HeaderPair => [name, each]),
    );
    return decompressed({ status: response.statusCode, statusText: '', headers: pairs, body: response.body }, method);
  };
}
