// One request of the platform: node:http or node:https, with the answer as a transport gives it.
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  maxHeaderSize,
  request as plainRequest,
} from 'node:http';
import { request as secureRequest } from 'node:https';
import { closeIdle } from './agent-guard.js';
import { decompressed, type HeaderPair } from './decompress.js';
import { defaultHeaders } from './default-headers.js';
import type { FetchInit, FetchResponse } from './fetch-type.js';
import type { Send } from './send-type.js';

/** How long the headers of an answer may be, in bytes. Node's own limit is a quarter of it, which cookies and policies pass. */
const longestHeaders = Math.max(maxHeaderSize, 64 * 1024);

/**
 * Answers as soon as the headers are there. A body whose connection ends before the body does errors, and so does one that is longer than it was
 * announced: it is never a shorter body.
 */
export const platformRequest: Send = (url, init, agent) =>
  new Promise<FetchResponse>((resolve, reject) => {
    const { signal, method } = init;
    signal.throwIfAborted();
    const bytes = init.body === undefined ? undefined : Buffer.from(init.body);
    const request = begin(url, init, agent, bytes);
    let response: IncomingMessage | undefined;
    const fail = (error: Error) => {
      reject(error);
      if (response === undefined && request.reusedSocket) closeIdle(agent);
      // Before the request: destroyed first, it would throw away what has come of the body, as if that were its end.
      response?.destroy(error);
      request.destroy(error);
    };
    const abort = () => fail(signal.reason);
    request.once('response', (message) => {
      response = message;
      // Else the rest of the request would be sent to a server that has answered without it, and may never read it.
      message.once('end', () => request.writableFinished || request.destroy());
      const { statusCode: status = 0, statusMessage: statusText = '' } = message;
      resolve(decompressed({ status, statusText, headers: pairsOf(message.rawHeaders), body: message }, method));
    });
    // Also what stands behind the last byte of an answer: more than was announced.
    request.on('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    request.once('close', () => {
      signal.removeEventListener('abort', abort);
      if (response !== undefined) return;
      // Such as after a change of protocol that nobody asked for.
      reject(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' }));
    });
    request.end(bytes);
  });

/** A request whose headers are set, and that is not sent yet. @throws TypeError for what HTTP does not have. */
function begin(url: URL, init: FetchInit, agent: Agent, bytes: Buffer | undefined): ClientRequest {
  refuse(url, init);
  const { protocol, hostname, port } = url;
  const request = protocol === 'https:' ? secureRequest : plainRequest;
  // Only what is needed of the URL: each option is copied several times.
  return request({
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    ...(port !== '' && { port }),
    method: init.method,
    path: pathOf(url),
    headers: headersOf(init, bytes),
    agent,
    maxHeaderSize: longestHeaders,
    insecureHTTPParser: false,
  });
}

/** @throws TypeError for what the platform would send in a way that nobody means. Without the URL, which may hold a password. */
function refuse({ protocol, username, password }: URL, { method, body }: FetchInit): void {
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${protocol} is neither http: nor https:`);
  if (username !== '' || password !== '') throw new TypeError('the URL holds a user name or a password');
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw new TypeError(`a request with the method ${method} has no body`);
}

/** As it was written, also with a `?` that nothing follows. */
function pathOf({ href, origin }: URL): string {
  const hash = href.indexOf('#');
  return href.slice(origin.length, hash === -1 ? undefined : hash);
}

function headersOf({ headers }: FetchInit, bytes: Buffer | undefined): Record<string, string | number> {
  return {
    ...defaultHeaders,
    ...headers,
    // Without it a DELETE would be sent with a body of no known length.
    ...(bytes && { 'content-length': bytes.byteLength }),
  };
}

/** Names and values in turn, made pairs. */
function pairsOf(raw: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let at = 1; at < raw.length; at += 2) pairs.push([raw[at - 1]!.toLowerCase(), raw[at]!]);
  return pairs;
}
