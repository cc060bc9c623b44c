// One request and its answer on the wire: the transport called, the body read within its limits, and failures named.
import { type Flow, type Request, SluiceError } from '../core/index.js';
import type { Carry, CarryInit } from './carry-type.js';
import type { Fetch, FetchResponse } from './fetch-type.js';
import { addHeader, RawHeaders } from './raw-headers.js';
import { BodyTooLarge, decodeText, readBody } from './read-body.js';
import type { Redactor } from './redact.js';
import type { Answer, Reporter, Subject } from './report.js';
import { encodeBody } from './request-body.js';
import { type Signal, Stop } from './stop.js';
import { abortable, countdown, TimeoutPassed, type Timeouts } from './timeouts.js';
import { carryOf } from './transport.js';
import { addParams } from './url.js';

/** How much of the body of a failure or a redirect is read, in bytes. */
const failureLimit = 64 * 1024;

export interface WireOptions {
  readonly fetch: Fetch;
  readonly redactor: Redactor;
  readonly reporter: Reporter;
  readonly maxBodyBytes: number;
  readonly timeouts: Timeouts & { readonly whole: number };
}

/** A request with the answer to it. */
export interface Exchange extends Subject {
  readonly answer: Answer;
  readonly bytes: Buffer;
}

/** What an exchange belongs to. */
export interface Attempt {
  /** Aborts the exchange; its timeouts abort it as well. */
  readonly stop: Stop;
  readonly flow: Flow | undefined;
}

/** An exchange before its end. */
interface Underway extends Subject {
  answer: Answer | undefined;
}

export class Wire {
  readonly #options: WireOptions;
  readonly #carry: Carry | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#carry = carryOf(options.fetch);
  }

  /**
   * Sends a request as it is, credentials and all, and reads the answer whatever its status. Redirects are not followed.
   * @throws RequestError when no whole answer came.
   */
  async exchange(request: Request, { stop, flow }: Attempt): Promise<Exchange> {
    const { redactor } = this.#options;
    const url = addParams(request.url, request.params);
    const under: Underway = { request, url, answer: undefined };
    const started = performance.now();
    try {
      // node-fetch ends the body of a request that it does not begin with an error that nobody hears, and the process with it.
      stop.throwIfAborted();
      flow?.meter.report({ type: 'request', method: request.method, url: redactor.url(url) });
      const exchange = await (this.#carry ? this.#travel(under, stop) : abortable(this.#travel(under, stop), stop));
      const { status } = exchange.answer;
      const milliseconds = performance.now() - started;
      flow?.meter.report({ type: 'response', status, bytes: exchange.bytes.byteLength, milliseconds });
      return exchange;
    } catch (error) {
      throw this.explain(error, under, stop);
    }
  }

  /** Sends the request and reads the body. What is underway gets its answer as soon as the headers are there. */
  async #travel(under: Underway, stop: Stop): Promise<Exchange> {
    const { request, url } = under;
    const firstByte = countdown(stop, this.#options.timeouts.firstByte, 'no answer');
    let response: FetchResponse;
    try {
      response = await this.#send(url, request, stop);
    } finally {
      firstByte.stop();
    }
    const { status, statusText } = response;
    const answer = { status, statusText, headers: plain(response.headers) };
    under.answer = answer;
    return { request, url, answer, bytes: await this.#read(response, stop) };
  }

  #send(url: string, request: Request, stop: Stop): Promise<FetchResponse> {
    const init = initOf(request, stop);
    if (this.#carry) return this.#carry(url, init);
    // A transport may do what it likes with what it is given.
    return this.#options.fetch(url, { ...init, headers: { ...init.headers }, signal: stop.signal });
  }

  /** A request of its own, outside any walk, such as a login. `signal` aborts it, and so does the timeout of the client. */
  async call(request: Request, signal: AbortSignal): Promise<Exchange> {
    const stop = new Stop();
    const abort = () => stop.abort(signal.reason);
    const whole = countdown(stop, this.#options.timeouts.whole, 'no answer');
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.exchange(request, { stop, flow: undefined });
    } finally {
      whole.stop();
      signal.removeEventListener('abort', abort);
    }
  }

  /** The error for whatever went wrong with a request. */
  explain(error: unknown, subject: Subject, signal: Pick<Signal, 'reason'>): unknown {
    const { reporter } = this.#options;
    if (error instanceof SluiceError) return error;
    if (signal.reason instanceof TimeoutPassed) {
      const { message: reason } = signal.reason;
      const advice = 'Raise the timeout of the client, or ask for smaller pages.';
      return reporter.failed(subject, { code: 'ERR_HTTP_TIMEOUT', reason, transient: true, advice });
    }
    if (error instanceof BodyTooLarge) {
      const advice = 'Ask for smaller pages, or raise maxBodyBytes (max_body_bytes in a configuration).';
      const { message: reason } = error;
      return reporter.failed(subject, { code: 'ERR_HTTP_BODY_TOO_LARGE', reason, transient: false, advice });
    }
    return reporter.broken(subject, error);
  }

  async #read(response: FetchResponse, stop: Stop): Promise<Buffer> {
    const good = response.status < 300;
    const { timeouts } = this.#options;
    const whole = countdown(stop, timeouts.body, 'no whole body');
    const idle = countdown(stop, timeouts.idle, 'no further piece of the body');
    const limit = good ? this.#options.maxBodyBytes : failureLimit;
    // A transport of the program's may give the same memory again, or have given it to others.
    const copy = this.#carry === undefined;
    const read = readBody(response.body, { limit, truncate: !good, copy, signal: stop, onChunk: () => idle.restart() });
    try {
      return await read;
    } catch (error) {
      // Of a failure the status says more than a body that cannot be read.
      if (good || stop.aborted) throw error;
      return Buffer.alloc(0);
    } finally {
      whole.stop();
      idle.stop();
    }
  }
}

/** The body of an exchange as text. */
export function textOf({ bytes, answer }: Exchange): string {
  return decodeText(bytes, answer.headers['content-type'] ?? '');
}

function initOf(request: Request, signal: Stop): CarryInit {
  const body = request.body === undefined ? undefined : encodeBody(request.body);
  return {
    method: request.method,
    headers: { ...(body && { 'content-type': body.contentType }), ...withoutFraming(request.headers) },
    ...(body && { body: body.text }),
    redirect: 'manual',
    signal,
  };
}

/** The transport says how long a body is: another length would leave the server waiting, or make the rest of the body a request of its own. */
function withoutFraming(headers: Request['headers']): Request['headers'] {
  if (!Object.keys(headers).some(isFraming)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isFraming(name)));
}

function isFraming(name: string): boolean {
  return /^(content-length|transfer-encoding)$/i.test(name);
}

function plain(headers: FetchResponse['headers']): Record<string, string> {
  if (headers instanceof RawHeaders) return headers.plain;
  const all: Record<string, string> = {};
  const add = (value: string, name: string) => addHeader(all, name, value);
  if (Symbol.iterator in headers) for (const [name, value] of headers) add(value, name);
  else headers.forEach(add);
  return all;
}
