// Keeps secrets out of everything that a person or a file gets to see: each known secret, in every spelling, becomes `***`.
import type { Request } from '../core/index.js';
import { patternOf, spellings } from './spelling.js';
import { decode, nameOf } from './url.js';

const mask = '***';

/** Query parameters that hold a secret by their name. */
const sensitiveParams = new Set(
  'api_key token key access_token apikey api-key access-token secret password pwd client_secret refresh_token client_assertion assertion'.split(
    ' ',
  ),
);
const sensitiveHeader =
  /^(authorization|proxy-authorization|cookie|set-cookie|authentication)$|api[-_]?key|token|secret|password|signature/i;

/** Headers that say how an answer should look, and nothing of who asks: the only ones that go to any origin. */
const harmlessHeaders = new Set(
  'accept accept-charset accept-encoding accept-language cache-control content-language content-type pragma prefer range user-agent'.split(
    ' ',
  ),
);

/** A text shorter than this is not looked for inside other texts: it would turn up everywhere. */
const shortestSecret = 4;
/** A shorter one may be a part of an address or a body by chance. */
const shortestTelling = 8;
/** Values that change with each request add up; the oldest are forgotten. */
const mostPassing = 200;
/** Addresses whose redacted form is remembered. */
const mostUrls = 16;
/** How much of the end of a text is compared with secrets, in characters. */
const longestTail = 4000;

/** Whether a header holds a secret by its name. */
export function isSensitiveHeader(name: string): boolean {
  return sensitiveHeader.test(name);
}

/** Whether a header may go to any origin, by its name. */
export function isHarmlessHeader(name: string): boolean {
  return harmlessHeaders.has(name.toLowerCase());
}

export function isSensitiveParam(name: string): boolean {
  return sensitiveParams.has(name.toLowerCase());
}

/** Finds such a name in a query that hides no sign, and all that may hide one. */
const maybeSensitive = new RegExp(`[^!-$&-~]|(?:^|[?&])(?:${[...sensitiveParams].join('|')})=`, 'i');

/** Whether a URL or a query may hold a parameter with such a name; quicker than to take it apart. */
export function mayHoldSensitiveParam(url: string): boolean {
  return maybeSensitive.test(url);
}

/** Knows the secrets of one client. */
export class Redactor {
  /** What was configured, and tokens. */
  readonly #lasting = new Set<string>();
  /** Made for one request, with their usual spellings. A pattern for them would have to be compiled for each request. */
  readonly #passing = new Map<string, readonly string[]>();
  readonly #suspected = new Map<string, readonly string[]>();
  /** Names of the parameters that an auth sends. */
  readonly #carriers = new Set<string>();
  #lastingPattern: RegExp | undefined;
  #tellingPattern: RegExp | undefined;
  #wholePattern: RegExp | undefined;
  /** What `url` was asked last, and said: each request is shown several times, with its parameters and without. */
  readonly #lastUrls = new Map<string, string>();

  /** Makes secrets known that stay: what was configured, and tokens. */
  add(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret || this.#lasting.has(secret)) continue;
      this.#lasting.add(secret);
      this.#lastingPattern = undefined;
      this.#tellingPattern = undefined;
      this.#wholePattern = undefined;
      this.#lastUrls.clear();
    }
  }

  /** Makes secrets known that were made for one request, such as a signature. */
  addPassing(...secrets: readonly string[]): void {
    this.#remember(this.#passing, secrets);
  }

  /**
   * Makes values known that may be secrets, since their parameter has such a name. They are not shown, but a link may hold them: `token` is
   * also what some servers call a cursor.
   */
  addSuspected(...secrets: readonly string[]): void {
    this.#remember(this.#suspected, secrets);
  }

  /** The text without any known secret, whether it stands there raw, URL-encoded, in base64 or escaped as in JSON or HTML. */
  text(text: string): string {
    const secrets = [...this.#lasting, ...this.#passing.keys(), ...this.#suspected.keys()];
    if (secrets.length === 0) return withoutUserInfo(text);
    this.#wholePattern ??= patternOf(secrets, 'gi');
    return withoutUserInfo(text.replace(this.#wholePattern, mask));
  }

  /** The start of a text that may have been cut: a secret that was cut with it is taken out as well. */
  start(text: string, length: number): string {
    const clean = this.message(text.slice(0, 20 * length));
    const tail = clean.slice(-longestTail);
    const forms = [...this.#lasting].flatMap(spellings).concat(...this.#passing.values(), ...this.#suspected.values());
    const cut = forms.reduce((most, form) => Math.max(most, overlap(tail, form)), 0);
    return (cut === 0 ? clean : clean.slice(0, -cut) + mask).trim().slice(0, length);
  }

  /**
   * A URL without known secrets, user info, and values of parameters whose name says that they are secret. Called for every
   * request, so secrets of single requests are looked for in their usual spellings only; `message` is thorough.
   */
  url(url: string): string {
    return this.#lastUrls.get(url) ?? this.#remembered(url, this.#cleanUrl(url));
  }

  #remembered(url: string, clean: string): string {
    if (this.#lastUrls.size >= mostUrls) this.#lastUrls.clear();
    this.#lastUrls.set(url, clean);
    return clean;
  }

  #cleanUrl(url: string): string {
    const masked = withoutUserInfo(withoutSensitiveParams(url));
    const clean = this.#lasting.size === 0 ? masked : masked.replace(this.#lastingSecrets(), mask);
    return holds(this.#passing, clean) || holds(this.#suspected, clean) ? this.text(clean) : clean;
  }

  /** Text that may hold URLs, such as the message of a library. */
  message(text: string): string {
    return this.text(text).replace(/https?:\/\/[^\s"'<>]+/g, withoutSensitiveParams);
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, isSensitiveHeader(name) ? mask : this.message(value)]),
    );
  }

  /** Whether a value, such as that of a header, holds a known secret. */
  holdsSecret(value: string): boolean {
    return (this.#lasting.size > 0 && value.search(this.#lastingSecrets()) !== -1) || holds(this.#passing, value);
  }

  /** Whether a secret that is too long to be there by chance stands in a longer text, such as a path or a body. */
  holdsTellingSecret(text: string): boolean {
    const telling = [...this.#lasting].filter((secret) => secret.length >= shortestTelling);
    if (telling.length === 0) return false;
    this.#tellingPattern ??= patternOf(telling, 'i');
    return this.#tellingPattern.test(text);
  }

  /** Whether a text is a known secret, and nothing more. */
  isSecret(text: string): boolean {
    return this.#lasting.has(text) || this.#passing.has(text);
  }

  /** A request as others may see it: the same one when it holds no secret. */
  request(request: Request): Request {
    const url = this.url(request.url);
    const isSecret = (name: string) =>
      !isHarmlessHeader(name) && (isSensitiveHeader(name) || this.holdsSecret(request.headers[name] as string));
    const headers = Object.keys(request.headers).some(isSecret) ? this.headers(request.headers) : request.headers;
    const params = Object.keys(request.params).some(isSensitiveParam)
      ? Object.fromEntries(
          Object.entries(request.params).map(([name, value]) => [name, isSensitiveParam(name) ? mask : value]),
        )
      : request.params;
    const same = url === request.url && headers === request.headers && params === request.params;
    return same ? request : { ...request, url, headers, params };
  }

  /** Makes the name of a parameter known with which credentials are sent. */
  addCarrier(name: string): void {
    this.#carriers.add(name);
  }

  /** A URL without the parameters that hold a known secret, for a place that may not see any. */
  withoutSecretParams(url: string): string {
    return withoutParams(url, (part) => this.#holdsCredential(part));
  }

  /**
   * A URL of the client's own without the parameters that carry its credentials: those that its auth sends, and those with a secret that is
   * too long to be there by chance. A shorter one, such as `demo`, may be the name of what is asked for.
   */
  withoutCarriers(url: string): string {
    return withoutParams(
      url,
      (part) =>
        this.#holdsCredential(part) &&
        (this.#carriers.has(nameOf(part)) || isSensitiveParam(nameOf(part)) || this.#holdsTelling(part)),
    );
  }

  #holdsTelling(part: string): boolean {
    const passing = [...this.#passing].filter(([secret]) => secret.length >= shortestTelling);
    return [part, decode(part)].some((each) => this.holdsTellingSecret(each)) || holds(new Map(passing), part);
  }

  #holdsCredential(part: string): boolean {
    if (holds(this.#passing, part)) return true;
    return this.#lasting.size > 0 && [part, decode(part)].some((each) => each.search(this.#lastingSecrets()) !== -1);
  }

  #lastingSecrets(): RegExp {
    this.#lastingPattern ??= patternOf([...this.#lasting], 'gi');
    return this.#lastingPattern;
  }

  #remember(values: Map<string, readonly string[]>, secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret || this.#lasting.has(secret)) continue;
      const known = values.get(secret);
      // What is in use is the last to be forgotten.
      values.delete(secret);
      values.set(secret, known ?? spellings(secret));
      if (known !== undefined) continue;
      if (values.size > mostPassing) values.delete(values.keys().next().value as string);
      this.#wholePattern = undefined;
      this.#lastUrls.clear();
    }
  }
}

/** Whether one of the values stands in a URL in one of its usual spellings. */
function holds(values: ReadonlyMap<string, readonly string[]>, url: string): boolean {
  if (values.size === 0) return false;
  const readings = [url, decode(url), decode(decode(url))];
  for (const forms of values.values()) {
    if (forms.some((form) => readings.some((reading) => reading.includes(form)))) return true;
  }
  return false;
}

function withoutUserInfo(text: string): string {
  return text.includes('@') && text.includes('://') ? text.replace(/(\w:\/\/)[^/\s?#"'<>]*@/g, `$1${mask}@`) : text;
}

function withoutParams(url: string, leaves: (part: string) => boolean): string {
  const at = url.indexOf('?');
  if (at === -1) return url;
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter((part) => !leaves(part));
  return url.slice(0, at) + (kept.length === 0 ? '' : `?${kept.join('&')}`);
}

function withoutSensitiveParams(url: string): string {
  const at = url.indexOf('?');
  if (at === -1 || !mayHoldSensitiveParam(url)) return url;
  const parts = url.slice(at + 1).split('&');
  const masked = parts.map((part) =>
    part.includes('=') && isSensitiveParam(nameOf(part)) ? `${part.split('=', 1)[0]}=${mask}` : part,
  );
  return `${url.slice(0, at)}?${masked.join('&')}`;
}

/** How many characters at the end of a text are the start of a secret; fewer than the shortest secret do not count. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length >= shortestSecret; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
