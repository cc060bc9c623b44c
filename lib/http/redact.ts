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
  #pattern: RegExp | undefined;

  /** Makes secrets known that stay: what was configured, and tokens. */
  add(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret || this.#lasting.has(secret)) continue;
      this.#lasting.add(secret);
      this.#pattern = undefined;
    }
  }

  /** Makes secrets known that were made for one request, such as a signature. */
  addPassing(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length < shortestSecret || this.#lasting.has(secret) || this.#passing.has(secret)) continue;
      this.#passing.add(secret);
      if (this.#passing.size > mostPassing) this.#passing.delete(this.#passing.values().next().value as string);
      this.#pattern = undefined;
    }
  }

  /** The text without any known secret, whether it stands there raw, URL-encoded, in base64 or escaped as in JSON. */
  text(text: string): string {
    const pattern = this.#regex();
    const clean = pattern === undefined ? text : text.replace(pattern, mask);
    return clean.includes('://') ? clean.replace(/(\w:\/\/)[^/\s?#"'<>]*@/g, `$1${mask}@`) : clean;
  }

  /** Whether the text holds a known secret. */
  finds(text: string): boolean {
    return this.#regex()?.test(text) ?? false;
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

  #regex(): RegExp | undefined {
    if (this.#lasting.size + this.#passing.size === 0) return undefined;
    if (this.#pattern === undefined) {
      const forms = new Set([...this.#lasting, ...this.#passing].flatMap(spellings));
      const sorted = [...forms].sort((a, b) => b.length - a.length);
      this.#pattern = new RegExp(sorted.map((form) => form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|'), 'gi');
    }
    this.#pattern.lastIndex = 0;
    return this.#pattern;
  }
}

/** How a secret may be written. In base64 it looks different for each of the three places where it can start in a group of bytes. */
function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(toUSVString(secret));
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // The first and the last group hold bits of the neighbours as well.
    const inner = text
      .replace(/=+$/, '')
      .slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
    return inner.length < 6 ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(inner)];
  });
  return [
    secret,
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    new URLSearchParams([['', toUSVString(secret)]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...base64,
  ].filter((form) => form.length >= shortestSecret);
}
