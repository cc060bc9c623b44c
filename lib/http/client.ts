// The client: what all requests to one API have in common, and the door to a single attempt at one of them.
import { Observable } from 'rxjs';
import {
  AbortedError,
  type Clock,
  confinedWith,
  currentFlow,
  type HttpResponse,
  markConfined,
  OptionError,
  onAbort,
  type Reading,
  type Request,
  systemClock,
} from '../core/index.js';
import { type AttemptOptions, attempt } from './attempt.js';
import { type Auth, basic, toScheme } from './auth/index.js';
import type { Client } from './client-type.js';
import { Credentials } from './credentials.js';
import type { Fetch } from './fetch-type.js';
import { type BodyFormat, checkFormat } from './parse-body.js';
import { proxySecrets } from './proxy.js';
import { type RateLimit, type RateLimitOptions, rateLimit } from './rate-limit.js';
import { isSensitiveHeader, Redactor } from './redact.js';
import { Reporter } from './report.js';
import { Stop } from './stop.js';
import { type Timeouts, toTimeouts } from './timeouts.js';
import { type Transport, transport } from './transport.js';
import { type TransportOptions, tlsSecrets } from './transport-options.js';
import { joinUrl, withoutUserInfo } from './url.js';
import { Wire } from './wire.js';

export interface ClientOptions extends Omit<TransportOptions, 'connectTimeout' | 'fetch'> {
  /** What paths are joined to, with one `/` between. A user name and password in it become basic auth. @default '' : paths are whole URLs */
  readonly baseUrl?: string;
  readonly auth?: Auth;
  /**
   * Sent with every request to the client's own origins. Elsewhere, whatever a link or a redirect says, go only those that say how an answer
   * should look: `accept`, `accept-language`, `content-type`, `prefer`, `user-agent` and the like.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further values that nobody may see, wherever requests have them. They go where credentials go. */
  readonly secrets?: readonly string[];
  /** For one attempt, in milliseconds: from its start to the end of the body, redirects included; or for each part of it. @default 60000 */
  readonly timeout?: number | Timeouts;
  /**
   * The transport: any function with the signature of `fetch`, or `'node-fetch'` for that package over the connections that the options here
   * describe. @default requests of the platform over those
   */
  readonly fetch?: Fetch | 'node-fetch';
  /** The largest body that is read, after decompression; in bytes, above 0. @default 268435456 (256 MiB) */
  readonly maxBodyBytes?: number;
  /** What bodies are made of: JSON, JSON lines, CSV, plain text. @default 'auto': what the content type says, JSON when it says nothing */
  readonly format?: BodyFormat;
  /** Redirects followed for one request. @default 10 */
  readonly maxRedirects?: number;
  /** Origins beside that of `baseUrl` that credentials may go to: `https://files.example.com`. */
  readonly allowedOrigins?: readonly string[];
  /** The budget of its requests; one that several clients get is shared by them. @default no limit, but all wait when the server says so */
  readonly rateLimit?: RateLimit | RateLimitOptions;
  /** What `Retry-After` as a date is compared with when the server sends no date. @default the system's */
  readonly clock?: Clock;
}

/** A client over HTTP. */
export interface HttpClient extends Required<Client> {
  /** Closes the connections kept for later requests. Without it they close by themselves and do not keep the process alive. */
  close(): void;
}

/**
 * A client for one API. Credentials go to the origin of `baseUrl` and to `allowedOrigins`, never elsewhere, whatever a link or
 * a redirect says; they appear in no error and no response.
 * @example
 * const api = client({ baseUrl: 'https://api.example.com/v1', auth: bearer('secret') });
 * const { body } = await lastValueFrom(api.send(api.prepare('/projects')));
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function client(options: ClientOptions = {}): HttpClient {
  const { baseUrl = '', maxBodyBytes = 256 * 1024 * 1024, maxRedirects = 10 } = options;
  const timeouts = toTimeouts(options.timeout);
  positive('maxBodyBytes', maxBodyBytes);
  const { base, origin, login } = parseBase(baseUrl);
  const auth = options.auth === undefined ? login : toScheme(options.auth);
  const headers = Object.entries({
    accept: 'application/json, */*;q=0.5',
    'user-agent': 'sluice',
    ...lowerCase(options.headers),
  });
  const redactor = new Redactor();
  redactor.add(
    ...(auth?.secrets ?? []),
    ...(options.secrets ?? []),
    ...proxySecrets(options.proxy),
    ...tlsSecrets(options.tls),
  );
  const isSecret = ([name, value]: readonly [string, string]) => isSensitiveHeader(name) || redactor.holdsSecret(value);
  const secretHeaders = Object.fromEntries(headers.filter(isSecret));
  const openHeaders = Object.fromEntries(headers.filter((header) => !isSecret(header)));

  const origins = new Set((options.allowedOrigins ?? []).map((each) => originOf('allowedOrigins', each)));
  if (origin !== undefined) origins.add(origin);
  const hasSecrets = auth !== undefined || (options.secrets ?? []).length > 0 || Object.keys(secretHeaders).length > 0;
  if (origins.size === 0 && hasSecrets) {
    throw new OptionError(
      'allowedOrigins',
      'is needed to use credentials without a baseUrl: name the origins that they are for',
    );
  }

  const { fetch, close } = transportOf(options, timeouts);
  const clock = options.clock ?? systemClock;
  const reporter = new Reporter(redactor, auth?.type, clock);
  const wire = new Wire({ fetch, redactor, reporter, maxBodyBytes, timeouts });
  const limit = toRateLimit(options.rateLimit, clock);
  const credentials = new Credentials({ auth, headers: secretHeaders, origins, redactor, wire, reporter, clock, base });
  const settings: AttemptOptions = {
    wire,
    credentials,
    redactor,
    reporter,
    maxRedirects,
    format: checkFormat(options.format),
    timeout: timeouts.whole,
    rateLimit: limit,
  };

  const made: HttpClient = {
    prepare: (init) => {
      const asked = typeof init === 'string' ? { url: init } : init;
      const url = joinUrl(base, asked.url);
      const home = origins.size === 0 && URL.canParse(url) ? new URL(url).origin : undefined;
      return {
        method: (asked.method ?? 'GET').toUpperCase(),
        url,
        params: asked.params ?? {},
        headers: { ...openHeaders, ...lowerCase(asked.headers) },
        ...(asked.body !== undefined && { body: asked.body }),
        ...(home !== undefined && { home }),
      };
    },
    send: markConfined((request, reading) => send(request, settings, reading)),
    clean: (url) => redactor.withoutCarriers(withoutUserInfo(url)),
    redact: (text) => redactor.message(text),
    renew: () => auth?.forget?.(),
    close,
  };
  return confinedWith(made, [options]);
}

function send(request: Request, settings: AttemptOptions, reading: Reading | undefined) {
  return new Observable<HttpResponse>((subscriber) => {
    const flow = currentFlow();
    const stop = new Stop();
    const end = () => {
      subscriber.error(new AbortedError());
      stop.abort();
    };
    if (flow?.signal.aborted) return end();
    const forget = flow && onAbort(flow.signal, end);
    let running = true;
    attempt(request, settings, { stop, flow }, reading).then(
      (response) => {
        running = false;
        subscriber.next(response);
        subscriber.complete();
      },
      (error) => {
        running = false;
        subscriber.error(error);
      },
    );
    return () => {
      forget?.();
      if (running) stop.abort();
    };
  });
}

/** The program's own transport, which it closes itself, or one of ours. */
function transportOf({ fetch, ...options }: ClientOptions, { connect }: Timeouts): Pick<Transport, 'fetch' | 'close'> {
  if (typeof fetch === 'function') return { fetch, close: () => {} };
  return transport({ ...options, ...(fetch && { fetch }), ...(connect !== undefined && { connectTimeout: connect }) });
}

function parseBase(baseUrl: string) {
  if (baseUrl === '') return { base: '', origin: undefined, login: undefined };
  const origin = originOf('baseUrl', baseUrl);
  const { username, password } = new URL(baseUrl);
  const login = username === '' ? undefined : basic({ username: decoded(username), password: decoded(password) });
  return { base: withoutUserInfo(baseUrl), origin, login };
}

/** The part of a URL before the host, decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Without the value, which may be the password.
    throw new OptionError('baseUrl', 'has a user or a password with a % that encodes nothing; write it as %25');
  }
}

function originOf(option: string, url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.origin;
  throw new OptionError(option, 'is not an absolute http or https URL such as https://api.example.com');
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function toRateLimit(limit: RateLimit | RateLimitOptions = {}, clock: Clock): RateLimit {
  return 'enter' in limit ? limit : rateLimit(limit, clock);
}

function positive(option: string, value: number): void {
  if (!(value > 0)) throw new OptionError(option, `is ${value}; it must be above 0`);
}
