// Links to the next page, in the header Link and in the body.

import { isLinkName } from './detect-words.js';
import { type Detection, type Evidence, found } from './detection.js';
import { type Hint, isLink, linkIn } from './hints.js';
import { linksOf, withoutUserInfo } from './link.js';

/** Relations that only the pages of a list have. */
const others = ['prev', 'previous', 'first', 'last'];

export function byLinkHeader({ response }: Evidence): Detection | undefined {
  const links = linksOf(response.headers['link']);
  if (links.has('next')) return found('header_link', {}, 'the header Link has rel="next"');
  if (!others.some((rel) => links.has(rel))) return undefined;
  const isSure = links.has('prev') || links.has('previous');
  return { kind: 'single', why: 'the header Link has links to other pages, but none to a next one', isSure };
}

export function byBodyLink({ hints, response }: Evidence): Detection | undefined {
  const named = hints.filter(({ name }) => isLinkName(name));
  const link = named.find(({ value }) => isLink(value));
  if (link) {
    const options = { nextUrlPath: link.path, ...below(link, hints, response.url) };
    return found('json_link', options, `there is a link at "${link.path}"`);
  }
  const list = named.find(({ value }) => Array.isArray(value) && value.length === 1 && isLink(value[0]));
  return list && found('json_link', { nextUrlPath: inside(list.path, '[0]') }, `there is a link at "${list.path}"`);
}

/** Links of some APIs begin below an address that stands beside them. */
function below(link: Hint, hints: readonly Hint[], url: string): { baseUrlPath?: string } {
  if (typeof link.value !== 'string' || !link.value.startsWith('/')) return {};
  const base = hints.find(({ parent, key, value }) => parent === link.parent && key === 'base' && isLink(value));
  if (typeof base?.value !== 'string' || !URL.canParse(base.value)) return {};
  return new URL(base.value).origin === new URL(withoutUserInfo(url)).origin ? { baseUrlPath: base.path } : {};
}

/** A list of links, each of which says what it leads to: `[{ "rel": "next", "href": … }]`. */
export function byLinkList({ hints }: Evidence): Detection | undefined {
  for (const { path, value } of hints) {
    if (!Array.isArray(value) || value.length === 0 || value.length > 50) continue;
    for (const key of ['rel', 'relation']) {
      const relOf = (link: unknown) => (link as Record<string, unknown> | null)?.[key];
      if (!value.every((link) => typeof relOf(link) === 'string' && linkIn(link) !== undefined)) continue;
      const next = value.find((link) => /^next$/i.test(String(relOf(link))));
      if (next === undefined && value.some((link) => others.includes(String(relOf(link)).toLowerCase())))
        return { kind: 'single', why: `"${path}" has links to other pages, but none to a next one` };
      if (next === undefined) continue;
      const at = inside(path, `[?@.${key}=='${String(relOf(next))}']`);
      return found('json_link', { nextUrlPath: at }, `there is a link with ${key} "next" in "${path}"`);
    }
  }
  return undefined;
}

/** A path with something after it that is no name. */
function inside(path: string, rest: string): string {
  return path.startsWith('$')
    ? `${path}${rest}`
    : `$${path
        .split('.')
        .map((name) => `['${name}']`)
        .join('')}${rest}`;
}
