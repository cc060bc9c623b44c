// The header of its own in which some APIs name the next page: a link, a page number or a cursor.
import type { HttpResponse } from '../core/index.js';
import { givenNamed } from './detect-range.js';
import { pageNames } from './detect-words.js';
import { type DetectedOptions, type Detection, type Evidence, found, placed, placedAs } from './detection.js';
import { asCount, isLink } from './hints.js';
import { withoutUserInfo } from './link.js';

/** Only these: there are headers with `next` in their names that tell of caches and of quotas. */
const nextHeader =
  /^(?:x-)?(?:(?:pagination|paging|page|link)-)?next(?:-(page|link|url|uri|href|cursor|token|offset|marker|page-(?:link|url|uri|token|cursor)))?$/;

/** Parameters that take what stands in the header, where it is no link. */
const params: Readonly<Record<string, string>> = {
  'x-next-page': 'page',
  'x-next-cursor': 'cursor',
  'next-cursor': 'cursor',
  'x-next-page-token': 'page_token',
  'next-page-token': 'page_token',
  'x-continuation-token': 'continuation_token',
  'x-ms-continuationtoken': 'continuationToken',
  'x-next-offset': 'offset',
};

/** A header that names the next page, whatever it is called; empty, it says that there is none. */
export function byNextHeader({ response, base }: Evidence): Detection | undefined {
  const names = Object.keys(response.headers).filter((name) => Object.hasOwn(params, name) || nextHeader.test(name));
  const name = names.find((each) => response.headers[each]!.trim() !== '') ?? names[0];
  if (name === undefined) return undefined;
  const value = response.headers[name]!.trim();
  if (value === '') return { kind: 'single', why: `the header ${name} is empty` };
  if (value.startsWith('<') || isLink(value)) return byLink(name, value, response);
  const numbered = asCount(value) !== undefined && /^(?:page|)$/.test(nextHeader.exec(name)?.[1] ?? '');
  const place = numbered ? pagePlace(base) : params[name] && placed(base, 'cursor', params[name]);
  if (place) return found('header_cursor', { cursorKey: name, ...place }, `there is a header ${name}`);
  return { kind: 'unknown', why: `there is a header ${name}, and nothing says which parameter takes its value` };
}

/** A link elsewhere is not followed without being told to: the request may hold what is meant for this server only. */
function byLink(name: string, value: string, response: HttpResponse): Detection {
  if (value.startsWith('<')) return found('header_link', { header: name }, `there are links in the header ${name}`);
  const page = withoutUserInfo(response.url);
  const link = URL.canParse(value, page) ? new URL(value, page) : undefined;
  if (link?.origin === new URL(page).origin)
    return found('header_link', { header: name }, `there is a link in the header ${name}`);
  return {
    kind: 'unknown',
    why: `the header ${name} has a link to another server (header_link with header "${name}" follows it)`,
  };
}

/** Where the caller gave a page number, or the usual parameter. */
function pagePlace(base: Evidence['base']): DetectedOptions {
  const given = givenNamed(base, pageNames, () => true);
  return given ? placedAs('cursor', given) : placed(base, 'cursor', 'page');
}
