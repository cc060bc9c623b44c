// One attempt at one request: credentials, transport, redirects, body, and the error when any of them fails.
import { type Clock, type Flow, type HttpResponse, type Request, SluiceError } from '../core/index.js';
import { AuthError } from './auth/index.js';
import type { Credentials } from './credentials.js';
import type { Fetch, FetchResponse } from './fetch-type.js';
import { parseBody } from './parse-body.js';
import { BodyTooLarge, decodeText, readBody } from './read-body.js';
import type { Redactor } from './redact.js';
import { followRedirect, isRedirect } from './redirect.js';
import type { Answer, Reporter, Subject } from './report.js';
import { encodeBody } from './request-body.js';
import { addParams, withoutUserInfo } from './url.js';

/** How much of the body of a failure or a redirect is read, in bytes. */
const failureLimit = 64 * 1024;

export interface AttemptOptions {
  readonly fetch: Fetch;
  readonly credentials: Credentials;
  readonly redactor: Redactor;
  readonly reporter: Reporter;
  readonly maxBodyBytes: number;
  readonly maxRedirects: number;
  /** In milliseconds, for all of it. */
  readonly timeout: number;
  readonly clock: Clock;
}

/** The reason of an abort by the deadline. */
class DeadlinePassed extends Error {}

/**
 * Sends a request once and reads the whole answer, following redirects.
 * @throws RequestError
 * @throws AuthError `ERR_AUTH`
 */
export async function attempt(
  request: Request,
  options: AttemptOptions,
  controller: AbortController,
  flow: Flow | undefined,
): Promise<HttpResponse> {
  const { signal } = controller;
  const deadline = setTimeout(() => controller.abort(new DeadlinePassed()), options.timeout);
  let subject: Subject = { request, url: addParams(request.url, request.params) };
  try {
    const trail: string[] = [];
    let current: Request = { ...request, url: withoutUserInfo(request.url) };
    for (;;) {
      const { redactor } = options;
      const signed = await sign(current, trail, options, signal);
      const url = addParams(signed.url, signed.params);
      subject = { request: current, url };
      flow?.meter.report({ type: 'request', method: signed.method, url: redactor.url(url) });
      const started = performance.now();
      const response = await abortable(options.fetch(url, init(signed, signal)), signal);
      const answer: Answer = {
        status: response.status,
        statusText: response.statusText,
        headers: plain(response.headers),
      };
      subject = { ...subject, answer };
      const read = (limit: number, truncate: boolean) =>
        abortable(readBody(response.body, { limit, truncate, signal }), signal);
      const report = (bytes: number) =>
        flow?.meter.report({
          type: 'response',
          status: answer.status,
          bytes,
          milliseconds: performance.now() - started,
        });

      if (isRedirect(answer)) {
        report((await read(failureLimit, true)).byteLength);
        current = followRedirect(subject, { answer, trail, from: current, ...options });
        continue;
      }
      if (answer.status >= 400) {
        // The status says more than a body that cannot be read.
        const bytes = await read(failureLimit, true).catch(() => Buffer.alloc(0));
        signal.throwIfAborted();
        report(bytes.byteLength);
        const body = decodeText(bytes, answer.headers['content-type'] ?? '');
        throw options.reporter.status(subject, answer, body, options.clock.now());
      }
      const bytes = await read(options.maxBodyBytes, false);
      report(bytes.byteLength);
      const contentType = answer.headers['content-type'] ?? '';
      const text = decodeText(bytes, contentType);
      const parsed = parseBody(text, contentType);
      if (!parsed.ok) {
        throw options.reporter.failed(
          subject,
          { ...parsed, transient: parsed.code === 'ERR_HTTP_BODY_CUT' },
          text.slice(0, 2000),
        );
      }
      return {
        request: redactor.request(request),
        url: redactor.url(url),
        status: answer.status,
        headers: answer.headers,
        body: parsed.value,
        text,
        bytes: bytes.byteLength,
      };
    }
  } catch (error) {
    throw explain(error, subject, options, signal);
  } finally {
    clearTimeout(deadline);
  }
}

/** Credentials for their own origins; for all others the request without any. */
async function sign(
  request: Request,
  trail: readonly string[],
  { credentials, redactor }: AttemptOptions,
  signal: AbortSignal,
): Promise<Request> {
  const downgraded = request.url.startsWith('http:') && trail.some((place) => place.includes(' https:'));
  if (downgraded || !credentials.allowed(request.url)) return credentials.strip(request);
  try {
    return await abortable(credentials.sign(request, { signal }), signal);
  } catch (error) {
    if (signal.aborted || error instanceof SluiceError) throw error;
    throw new AuthError(redactor.message(error instanceof Error ? error.message : String(error)));
  }
}

function explain(error: unknown, subject: Subject, options: AttemptOptions, signal: AbortSignal): unknown {
  const { reporter } = options;
  if (error instanceof SluiceError) return error;
  if (signal.reason instanceof DeadlinePassed) {
    const what = subject.answer === undefined ? 'no answer' : 'no whole body';
    const reason = `${what} within ${options.timeout / 1000} s`;
    const advice = 'Raise the timeout of the client, or ask for smaller pages.';
    return reporter.failed(subject, { code: 'ERR_HTTP_TIMEOUT', reason, transient: true, advice });
  }
  if (error instanceof BodyTooLarge) {
    const advice = 'Ask for smaller pages, or raise maxBodyBytes.';
    return reporter.failed(subject, {
      code: 'ERR_HTTP_BODY_TOO_LARGE',
      reason: error.message,
      transient: false,
      advice,
    });
  }
  return reporter.broken(subject, error);
}

function init(request: Request, signal: AbortSignal): Parameters<Fetch>[1] {
  const body = request.body === undefined ? undefined : encodeBody(request.body);
  return {
    method: request.method,
    headers: { ...(body && { 'content-type': body.contentType }), ...request.headers },
    ...(body && { body: body.text }),
    redirect: 'manual',
    signal,
  };
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

/** The promise, or the reason of the abort as soon as that happens, also when nobody below listens to the signal. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
