// undici as the transport: less work for each request than node-fetch. The program brings undici along.
import type { Readable } from 'node:stream';
import { acceptedEncodings, decompress } from './decompress.js';
import type { Fetch } from './fetch-type.js';
import { hasBody } from './transport.js';

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
      headers: { 'accept-encoding': acceptedEncodings, ...headers },
      signal,
      ...(body !== undefined && { body }),
    };
    const response = await request(url, options);
    const coding = response.headers['content-encoding'];
    const compressed = coding !== undefined && hasBody(method, response.statusCode);
    return {
      status: response.statusCode,
      statusText: '',
      headers: Object.entries(response.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((each): [string, string] => [name, each]),
      ),
      body: compressed ? decompress(response.body, String(coding)) : response.body,
    };
  };
}
