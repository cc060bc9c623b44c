// Keeps secrets out of everything that a person or a file gets to see: each known secret, in every spelling, becomes `***`.
import { toUSVString } from 'node:util';
import type { Request } from '../core/index.js';
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

/** A text shorter than this is not looked for inside other texts: it would turn up everywhere. */
const shortestSecret = 4;
/** Credentials that change with each request add up; the oldest are forgotten. */
const mostPassing = 50;
/** How much of the end of a text is compared with secrets, in characters. */
const longestTail = 4000;

/** Whether a header holds a secret by its name. */
export function isSensitiveHeader(name: string): boolean {
  return sensitiveHeader.test(name);
}

export function isSensitiveParam(name: string): boolean {
  return sensitiveParams.has(name.toLowerCase());
}

/** Knows the secrets of one client. */
export class Redactor {
  readonly #lasting = new Set<string>();
  readonly #passing = new Set<string>();
  readonly #suspected = new Set<string>();
  #credentials: RegExp | undefined;
  #everything: RegExp | undefined;

  /** Makes secrets known that stay: what was configured, and tokens. */
  add(...secrets: readonly string[]): void {
    this.#remember(this.#lasting, secrets, Number.POSITIVE_INFINITY);
  }

  /** Makes secrets known that were made for one request, such as a signature. */
  addPassing(...secrets: readonly string[]): void {
    this.#remember(this.#passing, secrets, mostPassing);
  }

  /**
   * Makes values known that may be secrets, since their parameter has such a name. They are not shown, but a link may hold them: `token` is
   * also what some servers call a cursor.
   */
  addSuspected(...secrets: readonly string[]): void {
    this.#remember(this.#suspected, secrets, mostPassing);
  }

  /** The text without any known secret, whether it stands there raw, URL-encoded, in base64 or escaped as in JSON. */
  text(text: string): string {
    const pattern = this.#everythingKnown();
    const clean = pattern === undefined ? text : text.replace(pattern, mask);
    return clean.includes('://') ? clean.replace(/(\w:\/\/)[^/\s?#"'<>]*@/g, `$1${mask}@`) : clean;
  }

  /** The start of a text that may have been cut: a secret that was cut with it is taken out as well. */
  start(text: string, length: number): string {
    const head = text.slice(0, 20 * length);
    const clean = this.message(head);
    const tail = clean.slice(-longestTail);
    const cut = this.#spellings().reduce((most, form) => Math.max(most, overlap(tail, form)), 0);
    return (cut === 0 ? clean : clean.slice(0, -cut) + mask).trim().slice(0, length);
  }

  /** Whether the text holds a credential. */
  finds(text: string): boolean {
    const known = this.#lasting.size + this.#passing.size > 0;
    this.#credentials ??= patternOf([...this.#lasting, ...this.#passing], 'i');
    return known && this.#credentials.test(text);
  }

  /** A URL without known secrets, user info, and values of parameters whose name says that they are secret. */
  url(url: string): string {
    const at = url.indexOf('?');
    if (at === -1) return this.text(url);
    const query = url
      .slice(at + 1)
      .split('&')
      .map((part) =>
        part.includes('=') && isSensitiveParam(nameOf(part)) ? `${part.split('=', 1)[0]}=${mask}` : part,
      );
    return this.text(`${url.slice(0, at)}?${query.join('&')}`);
  }

  /** Text that may hold URLs, such as the message of a library. */
  message(text: string): string {
    return this.text(text).replace(/https?:\/\/[^\s"'<>]+/g, (url) => this.url(url));
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, isSensitiveHeader(name) ? mask : this.message(value)]),
    );
  }

  /** A request as others may see it: the same one when it holds no secret. */
  request(request: Request): Request {
    const url = this.url(request.url);
    const headers = Object.keys(request.headers).some(isSensitiveHeader)
      ? this.headers(request.headers)
      : request.headers;
    const params = Object.keys(request.params).some(isSensitiveParam)
      ? Object.fromEntries(
          Object.entries(request.params).map(([name, value]) => [name, isSensitiveParam(name) ? mask : value]),
        )
      : request.params;
    const same = url === request.url && headers === request.headers && params === request.params;
    return same ? request : { ...request, url, headers, params };
  }

  /** A URL without the parameters that carry a known secret. */
  withoutSecretParams(url: string): string {
    const at = url.indexOf('?');
    if (at === -1) return url;
    const kept = url
      .slice(at + 1)
      .split('&')
      .filter((part) => !this.finds(part) && !this.finds(decode(part)));
    return url.slice(0, at) + (kept.length === 0 ? '' : `?${kept.join('&')}`);
  }

  #everythingKnown(): RegExp | undefined {
    if (this.#lasting.size + this.#passing.size + this.#suspected.size === 0) return undefined;
    this.#everything ??= patternOf([...this.#lasting, ...this.#passing, ...this.#suspected], 'gi');
    return this.#everything;
  }

  #spellings(): string[] {
    return [...this.#lasting, ...this.#passing, ...this.#suspected].flatMap(spellings);
  }

  #remember(set: Set<string>, secrets: readonly string[], most: number): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret || this.#lasting.has(secret) || set.has(secret)) continue;
      set.add(secret);
      if (set.size > most) set.delete(set.values().next().value as string);
      this.#credentials = undefined;
      this.#everything = undefined;
    }
  }
}

function patternOf(secrets: readonly string[], flags: string): RegExp {
  const forms = secrets.flatMap((secret) => [anySpelling(secret), ...inBase64(secret)]);
  return new RegExp(forms.join('|'), flags);
}

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** A pattern for a text whose every sign may be raw, URL-encoded (also twice), escaped as in JSON, or as in HTML. */
function anySpelling(secret: string): string {
  return [...toUSVString(secret)].map((sign) => (/[a-z0-9]/i.test(sign) ? sign : spellingsOf(sign))).join('');
}

function spellingsOf(sign: string): string {
  const encoded = [...Buffer.from(sign)].map((byte) => `%(?:25)*${byte.toString(16).padStart(2, '0')}`).join('');
  const units = [...sign.split('')]
    .map((unit) => `\\\\{1,4}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
  const inJson = JSON.stringify(sign).slice(1, -1);
  const raw = sign.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');
  const escaped = inJson.length === 2 ? [`\\\\{1,4}${inJson[1] === '\\' ? '' : inJson[1]}`] : [];
  const inHtml = [
    `&#0*${sign.codePointAt(0)};`,
    `&#x0*${sign.codePointAt(0)?.toString(16)};`,
    ...(entities[sign] ? [`&${entities[sign]};`] : []),
  ];
  const blank = sign === ' ' ? ['\\+'] : [];
  return `(?:\\\\{0,4}${raw}|${[encoded, units, ...escaped, ...inHtml, ...blank].join('|')})`;
}

/** How many characters at the end of a text are the start of a secret; fewer than the shortest secret do not count. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length >= shortestSecret; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}

/** The start of a secret may be written in these ways where a text was cut. */
function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(toUSVString(secret));
  return [secret, encoded, encoded.replaceAll('%20', '+'), JSON.stringify(secret).slice(1, -1), ...inBase64(secret)];
}

/** In base64 a text looks different for each of the three places where it can start in a group of bytes. Fit for a pattern. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const bare = text.replace(/=+$/, '');
    // The first and the last group hold bits of the neighbours as well.
    const inner = bare.slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
    if (inner.length < 6) return [];
    return [inner.replace(/[+/-]/g, (sign) => (sign === '/' ? '(?:\\/|_|%(?:25)*2f)' : '(?:\\+|-|%(?:25)*2b)'))];
  });
}
