// Follows redirects: which statuses are one, where they lead, and which method and body go on.
import { isUtf8 } from 'node:buffer';
import type { Request } from '../core/index.js';
import type { Answer, Reporter } from './report.js';
import { addParams, withoutUserInfo } from './url.js';
import type { Exchange } from './wire.js';

const redirects = new Set([300, 301, 302, 303, 307, 308]);

export function isRedirect(answer: Answer): boolean {
  return redirects.has(answer.status);
}

export interface RedirectOptions {
  /** Where this attempt has been, in order. Added to. */
  readonly trail: string[];
  readonly from: Request;
  readonly maxRedirects: number;
  readonly reporter: Reporter;
}

/**
 * The request that a redirect leads to. 303 always becomes a GET, 301 and 302 only for a POST; 307 and 308 keep method and body.
 * @throws RequestError `ERR_HTTP_REDIRECT` for one without a usable address, in a loop, or beyond the limit.
 */
export function followRedirect(exchange: Exchange, { trail, from, maxRedirects, reporter }: RedirectOptions): Request {
  const { answer, url } = exchange;
  const fail = (reason: string, advice: string) =>
    reporter.failed(exchange, { code: 'ERR_HTTP_REDIRECT', reason, transient: false, advice });
  const location = readable(answer.headers['location']);
  if (location === undefined)
    throw fail(`answered ${answer.status} without a location`, 'Check the path and the base URL.');
  if (!URL.canParse(location, url))
    throw fail('redirects to an address that is not valid', 'Check the path and the base URL.');
  const target = new URL(location, url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw fail(`redirects to ${target.protocol}, which is not http`, 'Check the path and the base URL.');
  }
  // Without the credentials, which may differ from hop to hop.
  trail.push(`${from.method} ${addParams(from.url, from.params)}`);
  const toGet = answer.status === 303 ? from.method !== 'HEAD' : answer.status <= 302 && from.method === 'POST';
  const next: Request = {
    ...(toGet ? withoutBody(from) : from),
    url: withoutUserInfo(target.href),
    params: {},
  };
  if (trail.length > maxRedirects)
    throw fail(`redirects more than ${maxRedirects} times`, 'Raise maxRedirects, or give the final address.');
  if (trail.includes(`${next.method} ${next.url}`))
    throw fail('redirects in a loop', 'Give the final address as the base URL or the path.');
  return next;
}

/** A GET in its place, without what was said of the body. */
function withoutBody({ body: _, headers, ...rest }: Request): Request {
  const kept = Object.entries(headers).filter(([name]) => !/^content-/i.test(name));
  return { ...rest, method: 'GET', headers: Object.fromEntries(kept) };
}

/** Headers are read as Latin-1; an address with signs beyond ASCII is mostly sent in UTF-8. */
function readable(location: string | undefined): string | undefined {
  if (location === undefined || !/^[\0-\xff]*[\x80-\xff][\0-\xff]*$/.test(location)) return location;
  const bytes = Buffer.from(location, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : location;
}
