// One attempt at one request: credentials, redirects, a second try with fresh credentials, and the body made a value.
import { type HttpResponse, type Reading, type Request, SluiceError } from '../core/index.js';
import { AuthError } from './auth/index.js';
import type { Credentials } from './credentials.js';
import { type BodyFormat, isJsonFormat, parseBody } from './parse-body.js';
import { parsePlain } from './parse-json.js';
import { enterAtOnce, type RateLimit, type RateLimitPlace } from './rate-limit.js';
import { isUtf8 } from './read-body.js';
import type { Redactor } from './redact.js';
import { followRedirect, isRedirect } from './redirect.js';
import type { Reporter } from './report.js';
import type { Stop } from './stop.js';
import { abortable, countdown } from './timeouts.js';
import { addParams, withoutUserInfo } from './url.js';
import { type Attempt, type Exchange, textOf, type Wire } from './wire.js';

export interface AttemptOptions {
  readonly wire: Wire;
  readonly credentials: Credentials;
  readonly redactor: Redactor;
  readonly reporter: Reporter;
  readonly maxRedirects: number;
  readonly format: BodyFormat;
  /** In milliseconds, for all of it but the wait for a place in the budget. */
  readonly timeout: number;
  readonly rateLimit: RateLimit;
}

/**
 * Sends a request once and reads the whole answer, following redirects. "Once" is for the caller: credentials that the server
 * refuses are made anew, where they can be, and the request is sent again with them.
 * @throws RequestError
 * @throws AuthError `ERR_AUTH`
 */
export async function attempt(
  request: Request,
  options: AttemptOptions,
  own: Attempt,
  reading?: Reading,
): Promise<HttpResponse> {
  const { wire, redactor, reporter } = options;
  const place = enterAtOnce(options.rateLimit, request.url) ?? (await enter(request, options, own));
  const whole = countdown(own.stop, options.timeout, 'no whole answer');
  try {
    const { exchange, trusted } = await travel(request, options, own, place);
    const { answer, url, bytes } = exchange;
    const contentType = answer.headers['content-type'] ?? '';
    const isReadable = answer.status < 300 && isUtf8(contentType) && isJsonFormat(contentType, options.format);
    const raw = isReadable ? reading?.read(bytes, parsePlain) : undefined;
    if (raw !== undefined) {
      return {
        request: redactor.request(request),
        url: redactor.url(url),
        status: answer.status,
        headers: answer.headers,
        body: raw.value,
        get text() {
          return raw.unread!.bodyText();
        },
        bytes: bytes.byteLength,
        raw,
      };
    }
    const text = textOf(exchange);
    const parsed = parseBody(text, contentType, options.format);
    const response: HttpResponse = {
      request: redactor.request(request),
      url: redactor.url(url),
      status: answer.status,
      headers: answer.headers,
      body: parsed.ok ? parsed.value : text,
      text,
      bytes: bytes.byteLength,
      ...(parsed.ok &&
        parsed.plain &&
        isUtf8(contentType) && { raw: { bytes, value: parsed.value, ...(reading && { reading }) } }),
    };
    if (answer.status >= 400) {
      const advice = trusted ? undefined : options.credentials.adviceFor(answer.status, url);
      throw reporter.status(exchange, answer, text, advice).with({
        response: withoutSecrets(response, options),
        ...(answer.status === 429 && { holdBack: (wait: number) => place.holdBack(wait) }),
      });
    }
    if (text === '' && answer.status === 200 && isJson(answer.headers['content-type'])) {
      const reason = 'the body is empty, though its content type is JSON';
      const advice = 'A server that has nothing to say answers with status 204, or with an empty list.';
      throw reporter.failed(exchange, { code: 'ERR_HTTP_BODY_CUT', reason, transient: true, advice }, text);
    }
    if (!parsed.ok) {
      const transient = parsed.code === 'ERR_HTTP_BODY_CUT';
      throw reporter.failed(exchange, { ...parsed, transient }, text);
    }
    return response;
  } catch (error) {
    throw wire.explain(error, { request, url: addParams(request.url, request.params) }, own.stop);
  } finally {
    whole.stop();
    place.leave();
  }
}

/** Waits for a place in the budget. */
function enter({ url }: Request, { rateLimit }: AttemptOptions, { stop, flow }: Attempt): Promise<RateLimitPlace> {
  const onWait = (wait: number) => {
    flow?.meter.report({ type: 'wait', wait, reason: 'its place in the rate limit' });
  };
  return rateLimit.enter(url, { signal: stop.signal, onWait });
}

/** From the request to the answer that is neither a redirect nor a refusal of old credentials. */
async function travel(
  request: Request,
  options: AttemptOptions,
  own: Attempt,
  place: RateLimitPlace,
): Promise<{ readonly exchange: Exchange; readonly trusted: boolean }> {
  const { wire, credentials } = options;
  const trail: string[] = [];
  let renewed = false;
  const url = withoutUserInfo(request.url);
  let current: Request = url === request.url ? request : { ...request, url };
  for (;;) {
    const trusted = isTrusted(current, trail, credentials);
    const signing = trusted ? sign(current, options, own.stop) : credentials.strip(current);
    const signed = signing instanceof Promise ? await signing : signing;
    const exchange = await wire.exchange(signed, own);
    place.answered(exchange.answer.status, exchange.answer.headers);
    if (isRedirect(exchange.answer)) {
      current = followRedirect(exchange, { trail, from: current, ...options });
    } else if (exchange.answer.status === 401 && trusted && !renewed) {
      renewed = true;
      if (!(await credentials.rejected(signed))) return { exchange, trusted };
    } else return { exchange, trusted };
  }
}

/** Credentials are for their own origins, and not for http after https. */
function isTrusted(request: Request, trail: readonly string[], credentials: Credentials): boolean {
  const downgraded = request.url.startsWith('http:') && trail.some((place) => place.includes(' https:'));
  return !downgraded && credentials.allowed(request);
}

/** No promise where the auth needs none: there are few requests of another kind. */
function sign(request: Request, { credentials, redactor }: AttemptOptions, stop: Stop): Request | Promise<Request> {
  const failed = (error: unknown): never => {
    if (stop.aborted || error instanceof SluiceError) throw error;
    throw new AuthError(redactor.message(error instanceof Error ? error.message : String(error)));
  };
  try {
    const signed = credentials.sign(request, stop);
    return signed instanceof Promise ? abortable(signed, stop).catch(failed) : signed;
  } catch (error) {
    return failed(error);
  }
}

function isJson(contentType = ''): boolean {
  return /[/+]json\s*(;|$)/i.test(contentType);
}

/** The response that an error carries: a server may repeat the credentials in the body of its refusal, or in a header. */
function withoutSecrets({ raw: _, ...response }: HttpResponse, { redactor, format }: AttemptOptions): HttpResponse {
  const text = redactor.message(response.text);
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, redactor.message(value)]),
  );
  if (text === response.text) return { ...response, headers };
  const parsed = parseBody(text, headers['content-type'] ?? '', format);
  return { ...response, headers, text, body: parsed.ok ? parsed.value : text };
}
