// One request of the platform: node:http or node:https, with the answer as a transport gives it.
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  maxHeaderSize,
  request as plainRequest,
} from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Address } from './address.js';
import { closeIdle } from './agent-guard.js';
import type { CarryInit } from './carry-type.js';
import { decompressed } from './decompress.js';
import { defaultHeaders } from './default-headers.js';
import type { FetchResponse } from './fetch-type.js';
import { RawHeaders } from './raw-headers.js';

/** How long the headers of an answer may be, in bytes. Node's own limit is a quarter of it, which cookies and policies pass. */
const longestHeaders = Math.max(maxHeaderSize, 64 * 1024);

/**
 * Answers as soon as the headers are there. A body whose connection ends before the body does errors, and so does one that is longer than it was
 * announced: it is never a shorter body.
 */
export function platformRequest(address: Address, init: CarryInit, agent: Agent): Promise<FetchResponse> {
  return new Promise((resolve, reject) => {
    const { signal, method } = init;
    signal.throwIfAborted();
    const bytes = init.body === undefined ? undefined : Buffer.from(init.body);
    const request = begin(address, init, agent, bytes);
    let response: IncomingMessage | undefined;
    const fail = (error: Error) => {
      reject(error);
      if (response === undefined && request.reusedSocket) closeIdle(agent);
      // Before the request: destroyed first, it would throw away what has come of the body, as if that were its end.
      response?.destroy(error);
      request.destroy(error);
    };
    const abort = () => fail(signal.reason as Error);
    // Each comes once; to say so would cost a wrapper for each.
    request.on('response', (message) => {
      response = message;
      // Else the rest of the request would be sent to a server that has answered without it, and may never read it.
      message.on('end', () => request.writableFinished || request.destroy());
      const { statusCode: status = 0, statusMessage: statusText = '' } = message;
      resolve(decompressed({ status, statusText, headers: new RawHeaders(message.rawHeaders), body: message }, method));
    });
    // Also what stands behind the last byte of an answer: more than was announced.
    request.on('error', fail);
    signal.addEventListener('abort', abort);
    request.on('close', () => {
      signal.removeEventListener('abort', abort);
      if (response !== undefined) return;
      // Such as after a change of protocol that nobody asked for.
      reject(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' }));
    });
    request.end(bytes);
  });
}

/** A request whose headers are set, and that is not sent yet. @throws TypeError for what HTTP does not have. */
function begin({ origin, path }: Address, init: CarryInit, agent: Agent, bytes: Buffer | undefined): ClientRequest {
  if (bytes !== undefined && (init.method === 'GET' || init.method === 'HEAD'))
    throw new TypeError(`a request with the method ${init.method} has no body`);
  const { protocol, hostname, port } = origin;
  const request = protocol === 'https:' ? secureRequest : plainRequest;
  // Only what is needed of the URL: each option is copied several times.
  return request({
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    ...(port !== '' && { port }),
    method: init.method,
    path,
    headers: headersOf(init, bytes),
    agent,
    maxHeaderSize: longestHeaders,
    insecureHTTPParser: false,
  });
}

function headersOf({ headers }: CarryInit, bytes: Buffer | undefined): Record<string, string | number> {
  return {
    ...defaultHeaders,
    ...headers,
    // Without it a DELETE would be sent with a body of no known length.
    ...(bytes && { 'content-length': bytes.byteLength }),
  };
}
