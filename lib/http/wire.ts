// One request and its answer on the wire: the transport called, the body read within its limits, and failures named.
import { type Flow, type Request, SluiceError } from '../core/index.js';
import type { Fetch, FetchResponse } from './fetch-type.js';
import { BodyTooLarge, decodeText, readBody } from './read-body.js';
import type { Redactor } from './redact.js';
import type { Answer, Reporter, Subject } from './report.js';
import { encodeBody } from './request-body.js';
import { abortable, countdown, TimeoutPassed, type Timeouts } from './timeouts.js';
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
  readonly controller: AbortController;
  readonly flow: Flow | undefined;
}

export class Wire {
  readonly #options: WireOptions;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /**
   * Sends a request as it is, credentials and all, and reads the answer whatever its status. Redirects are not followed.
   * @throws RequestError when no whole answer came.
   */
  async exchange(request: Request, { controller, flow }: Attempt): Promise<Exchange> {
    const { fetch, redactor, timeouts } = this.#options;
    const { signal } = controller;
    const url = addParams(request.url, request.params);
    let subject: Subject = { request, url };
    const started = performance.now();
    const firstByte = countdown(controller, timeouts.firstByte, 'no answer');
    try {
      // node-fetch ends the body of a request that it does not begin with an error that nobody hears, and the process with it.
      signal.throwIfAborted();
      flow?.meter.report({ type: 'request', method: request.method, url: redactor.url(url) });
      const travel = async () => {
        const response = await fetch(url, init(request, signal));
        firstByte.stop();
        const { status, statusText } = response;
        const answer = { status, statusText, headers: plain(response.headers) };
        subject = { request, url, answer };
        return { answer, bytes: await this.#read(response, controller) };
      };
      const { answer, bytes } = await abortable(travel(), signal);
      const milliseconds = performance.now() - started;
      flow?.meter.report({ type: 'response', status: answer.status, bytes: bytes.byteLength, milliseconds });
      return { request, url, answer, bytes };
    } catch (error) {
      throw this.explain(error, subject, signal);
    } finally {
      firstByte.stop();
    }
  }

  /** A request of its own, outside any walk, such as a login. `signal` aborts it, and so does the timeout of the client. */
  async call(request: Request, signal: AbortSignal): Promise<Exchange> {
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    const whole = countdown(controller, this.#options.timeouts.whole, 'no answer');
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.exchange(request, { controller, flow: undefined });
    } finally {
      whole.stop();
      signal.removeEventListener('abort', abort);
    }
  }

  /** The error for whatever went wrong with a request. */
  explain(error: unknown, subject: Subject, signal: AbortSignal): unknown {
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

  async #read(response: FetchResponse, controller: AbortController): Promise<Buffer> {
    const { signal } = controller;
    const good = response.status < 300;
    const { timeouts } = this.#options;
    const whole = countdown(controller, timeouts.body, 'no whole body');
    const idle = countdown(controller, timeouts.idle, 'no further piece of the body');
    const limit = good ? this.#options.maxBodyBytes : failureLimit;
    const read = readBody(response.body, { limit, truncate: !good, signal, onChunk: idle.restart });
    try {
      return await read;
    } catch (error) {
      // Of a failure the status says more than a body that cannot be read.
      if (good || signal.aborted) throw error;
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

function init(request: Request, signal: AbortSignal): Parameters<Fetch>[1] {
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
  const names = Object.keys(headers);
  if (!names.some(isFraming)) return headers;
  return Object.fromEntries(names.filter((name) => !isFraming(name)).map((name) => [name, headers[name] as string]));
}

function isFraming(name: string): boolean {
  return /^(content-length|transfer-encoding)$/i.test(name);
}

function plain(headers: FetchResponse['headers']): Record<string, string> {
  const all: Record<string, string> = {};
  const add = (value: string, name: string) => {
    const key = name.toLowerCase();
    all[key] = Object.hasOwn(all, key) ? `${all[key]}, ${value}` : value;
  };
  if (Symbol.iterator in headers) for (const [name, value] of headers) add(value, name);
  else headers.forEach(add);
  return all;
}
