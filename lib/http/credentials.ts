// Decides which requests carry credentials: those to the origins that they were given for, and no other.
import type { Clock, Request } from '../core/index.js';
import type { AuthContext, AuthScheme } from './auth/index.js';
import {
  isHarmlessHeader,
  isSensitiveHeader,
  isSensitiveParam,
  mayHoldSensitiveParam,
  type Redactor,
} from './redact.js';
import type { Reporter } from './report.js';
import { encodeBody } from './request-body.js';
import type { Stop } from './stop.js';
import { addParams, decode, joinUrl, queryOf } from './url.js';
import { textOf, type Wire } from './wire.js';

export interface CredentialOptions {
  readonly auth: AuthScheme | undefined;
  /** The client's own headers that hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those that credentials are for; none: the one that each request was written for. */
  readonly origins: ReadonlySet<string>;
  readonly redactor: Redactor;
  readonly wire: Wire;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** What paths of a scheme's own requests are joined to. */
  readonly base: string;
}

/** How deep in a body secrets are looked for. */
const deepest = 6;

export class Credentials {
  readonly #options: CredentialOptions;
  readonly #context: Omit<AuthContext, 'signal'>;
  readonly #hasHeaders: boolean;
  /** The requests of a walk mostly have one address. */
  #last = { url: '', origin: '' };

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#hasHeaders = Object.keys(options.headers).length > 0;
    for (const [name, value] of Object.entries(options.headers)) {
      if (isSensitiveHeader(name)) options.redactor.add(...partsOf(value));
    }
    const { wire, reporter, redactor, clock, base } = options;
    this.#context = {
      clock,
      send: async (request, signal) => {
        // What a scheme sends of its own are credentials, never the place in a list.
        this.#learn(request, true);
        const exchange = await wire.call({ ...request, url: joinUrl(base, request.url) }, signal);
        const text = textOf(exchange);
        const { status, headers } = exchange.answer;
        return { status, headers, text, error: (advice) => reporter.status(exchange, exchange.answer, text, advice) };
      },
      hide: (...secrets) => redactor.add(...secrets),
    };
  }

  /** Whether other credentials can be had after the server refused those of this request. */
  async rejected(signed: Request): Promise<boolean> {
    return (await this.#options.auth?.rejected?.(signed)) ?? false;
  }

  /** Whether a request may carry credentials. */
  allowed({ url, home }: Request): boolean {
    const { origins } = this.#options;
    if (url !== this.#last.url) this.#last = { url, origin: new URL(url).origin };
    const { origin } = this.#last;
    return origins.has(origin) || (origins.size === 0 && origin === home);
  }

  /** What a person can do about a refusal of a request that was sent without the credentials that there are. */
  adviceFor(status: number, url: string): string | undefined {
    const { auth, headers, origins } = this.#options;
    const hasNone = auth === undefined && Object.keys(headers).length === 0;
    if (hasNone || (status !== 401 && status !== 403)) return undefined;
    return (
      `It was sent without credentials, which are for ${[...origins].join(', ')} only: ` +
      `if they are for ${new URL(url).origin} as well, name it in allowedOrigins (allowed_origins in a configuration).`
    );
  }

  /** The request with credentials, freshly made for this attempt. Whatever was added is known as a secret from now on. */
  sign(request: Request, stop: Stop): Request | Promise<Request> {
    const { auth, headers } = this.#options;
    this.#learn(request);
    if (auth === undefined && !this.#hasHeaders) return request;
    const own: Request = { ...request, headers: { ...headers, ...request.headers } };
    return auth === undefined ? own : this.#apply(auth, own, stop);
  }

  /** No promise where the scheme needs none. */
  #apply(auth: AuthScheme, own: Request, stop: Stop): Request | Promise<Request> {
    const context: AuthContext = {
      ...this.#context,
      get signal() {
        return stop.signal;
      },
    };
    const signed = auth.apply(own, context);
    return isPromise(signed)
      ? Promise.resolve(signed).then((each) => this.#learnSigned(each, own))
      : this.#learnSigned(signed, own);
  }

  #learnSigned(signed: Request, own: Request): Request {
    const { redactor } = this.#options;
    for (const [name, value] of Object.entries(signed.headers)) {
      if (value !== own.headers[name]) redactor.addPassing(...partsOf(value));
    }
    for (const [name, value] of Object.entries(signed.params)) {
      if (value === own.params[name]) continue;
      redactor.addCarrier(name);
      redactor.addPassing(...valuesOf(value));
    }
    return signed;
  }

  /**
   * The request for a place that may not see credentials: without parameters that hold secrets, and with harmless headers only.
   * @throws RequestError `ERR_HTTP_ORIGIN` when a secret is in its path or its body, from where it cannot be taken.
   */
  strip(request: Request): Request {
    this.#learn(request);
    const { redactor } = this.#options;
    const headers = Object.entries(request.headers).filter(
      ([name, value]) => isHarmlessHeader(name) && !redactor.holdsSecret(value),
    );
    const params = Object.entries(request.params).filter(
      ([, value]) => !valuesOf(value).some((each) => redactor.holdsSecret(each)),
    );
    const bare: Request = {
      ...request,
      url: redactor.withoutSecretParams(request.url),
      params: Object.fromEntries(params),
      headers: Object.fromEntries(headers),
    };
    if (redactor.holdsTellingSecret(bare.url)) throw this.#refusal(bare, 'its address');
    if (bare.body !== undefined && this.#holdsSecret(bare.body)) throw this.#refusal(bare, 'its body');
    return bare;
  }

  #holdsSecret(body: NonNullable<Request['body']>): boolean {
    const { redactor } = this.#options;
    if (secretsOf(body.value).length > 0 || textsOf(body.value).some((text) => redactor.isSecret(text))) return true;
    return redactor.holdsTellingSecret(encodeBody(body).text);
  }

  #refusal(request: Request, place: string) {
    const url = addParams(request.url, request.params);
    const { origin } = new URL(url);
    return this.#options.reporter.failed(
      { request, url },
      {
        code: 'ERR_HTTP_ORIGIN',
        reason: `is not sent, since ${place} holds a secret, which is not for ${origin}`,
        transient: false,
        advice: `If that origin may have it, name it in allowedOrigins (allowed_origins in a configuration): "${origin}".`,
      },
    );
  }

  #learn({ headers, params, url, body }: Request, lasting = false): void {
    const { redactor } = this.#options;
    const add = (...secrets: string[]) => (lasting ? redactor.add(...secrets) : redactor.addSuspected(...secrets));
    for (const name of Object.keys(headers)) {
      if (isSensitiveHeader(name)) redactor.add(...partsOf(headers[name] as string));
    }
    for (const name of Object.keys(params)) {
      if (isSensitiveParam(name)) add(...valuesOf(params[name]));
    }
    for (const [name, value] of mayHoldSensitiveParam(url) ? queryOf(url) : []) {
      if (isSensitiveParam(name)) add(value);
    }
    if (body !== undefined) add(...secretsOf(isForm(body) ? [...new URLSearchParams(body.value)] : body.value));
  }
}

function isPromise(signed: Request | PromiseLike<Request>): signed is PromiseLike<Request> {
  return typeof (signed as PromiseLike<Request>).then === 'function';
}

function isForm(body: NonNullable<Request['body']>): body is Extract<typeof body, { readonly kind: 'text' }> {
  return body.kind === 'text' && /x-www-form-urlencoded/i.test(body.contentType);
}

/** The secrets in a header's value: what follows the scheme, the values of cookies, the password in `Basic`. */
function partsOf(value: string): string[] {
  const afterScheme = value.replace(/^[A-Za-z][\w-]* +/, '');
  const parts = [value, afterScheme, ...value.split(/;\s*/).map((pair) => pair.slice(pair.indexOf('=') + 1))];
  if (/^basic /i.test(value))
    parts.push(
      Buffer.from(afterScheme, 'base64')
        .toString()
        .replace(/^[^:]*:/, ''),
    );
  return [...parts, ...parts.map(decode)];
}

/** All texts in a body. */
function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  return Object.values(value).flatMap((each) => textsOf(each, depth + 1));
}

function valuesOf(value: Request['params'][string]): string[] {
  return [value].flat().flatMap((each) => (each === undefined || each === null ? [] : [String(each)]));
}

/** The texts in a body whose names say that they are secret, wherever they stand. */
function secretsOf(value: unknown, name = '', depth = 0): string[] {
  if (typeof value === 'string') return isSensitiveParam(name) ? [value] : [];
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  // A form may be a list of pairs.
  if (Array.isArray(value))
    return value.length === 2 && typeof value[0] === 'string'
      ? secretsOf(value[1], value[0], depth + 1)
      : value.flatMap((each) => secretsOf(each, name, depth + 1));
  return Object.entries(value).flatMap(([key, each]) => secretsOf(each, key, depth + 1));
}
