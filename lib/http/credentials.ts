// Decides which requests carry credentials: those to the origins that they were given for, and no other.
import type { Clock, Request } from '../core/index.js';
import type { AuthContext, AuthScheme } from './auth/index.js';
import { isSensitiveHeader, isSensitiveParam, type Redactor } from './redact.js';
import type { Reporter } from './report.js';
import { decode, joinUrl, queryOf } from './url.js';
import { textOf, type Wire } from './wire.js';

export interface CredentialOptions {
  readonly auth: AuthScheme | undefined;
  /** The client's own headers that hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
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

  constructor(options: CredentialOptions) {
    this.#options = options;
    options.redactor.add(...(options.auth?.secrets ?? []), ...Object.values(options.headers).flatMap(partsOf));
    const { wire, reporter, redactor, clock, base } = options;
    this.#context = {
      clock,
      send: async (request, signal) => {
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

  /** Whether requests to this URL may carry credentials. */
  allowed(url: string): boolean {
    return this.#options.origins.has(new URL(url).origin);
  }

  /** The request with credentials, freshly made for this attempt. Whatever was added is known as a secret from now on. */
  async sign(request: Request, signal: AbortSignal): Promise<Request> {
    const { auth, headers, redactor } = this.#options;
    this.#learn(request);
    const own: Request = { ...request, headers: { ...headers, ...request.headers } };
    if (auth === undefined) return own;
    const signed = await auth.apply(own, { ...this.#context, signal });
    for (const [name, value] of Object.entries(signed.headers)) {
      if (value !== own.headers[name]) redactor.addPassing(...partsOf(value));
    }
    for (const [name, value] of Object.entries(signed.params)) {
      if (value !== own.params[name]) redactor.addPassing(...valuesOf(value));
    }
    return signed;
  }

  /** The request for a place that may not see credentials. */
  strip(request: Request): Request {
    this.#learn(request);
    const headers = Object.entries(request.headers).filter(([name]) => !isSensitiveHeader(name));
    return {
      ...request,
      url: this.#options.redactor.withoutSecretParams(request.url),
      headers: Object.fromEntries(headers),
    };
  }

  #learn({ headers, params, url, body }: Request): void {
    const { redactor } = this.#options;
    for (const [name, value] of Object.entries(headers)) {
      if (isSensitiveHeader(name)) redactor.add(...partsOf(value));
    }
    for (const [name, value] of Object.entries(params)) {
      if (isSensitiveParam(name)) redactor.addSuspected(...valuesOf(value));
    }
    for (const [name, value] of queryOf(url)) {
      if (isSensitiveParam(name)) redactor.addSuspected(value);
    }
    if (body !== undefined) redactor.addSuspected(...secretsOf(body.value));
  }
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
