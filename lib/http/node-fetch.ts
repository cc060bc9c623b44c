// node-fetch as the one who sends a request, for those who chose it. Loaded only then.
import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import fetch from 'node-fetch';
import { decompressed } from './decompress.js';
import { defaultHeaders } from './default-headers.js';
import type { FetchInit, FetchResponse } from './fetch-type.js';

/** Sends one request over a connection of the agent. */
export async function nodeFetch(url: URL, init: FetchInit, agent: Agent): Promise<FetchResponse> {
  const headers = { ...defaultHeaders, ...init.headers };
  // Decompressed here: node-fetch takes compressed bodies that end too early for whole ones.
  const response = await fetch(url, { ...init, headers, agent, compress: false });
  const { status, statusText } = response;
  return decompressed(
    { status, statusText, headers: [...response.headers], body: response.body as Readable | null },
    init.method,
  );
}
