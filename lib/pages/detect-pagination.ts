// Finds out from the first response how its pages hang together: a list of rules, the surest first.
import type { HttpResponse, Request } from '../core/index.js';
import { byCursor, isNextCursorName } from './detect-cursor.js';
import { byFullPage, byOwnCount } from './detect-full-page.js';
import { byBodyLink, byLinkHeader, byLinkList } from './detect-links.js';
import { byNextHeader } from './detect-next-header.js';
import { ranged } from './detect-range.js';
import { byHeaderPages, byHeaderTotal, byTotal, byTotalPages } from './detect-totals.js';
import { isLinkName, moreIn } from './detect-words.js';
import { type DetectedOptions, type Detection, type Evidence, found, placed } from './detection.js';
import { hintsOf } from './hints.js';

type Rule = (evidence: Evidence) => Detection | undefined;

const rules: readonly Rule[] = [
  byLinkHeader,
  byNextHeader,
  byContentRange,
  byBodyLink,
  byLinkList,
  byContinuation,
  byGraphql,
  byCursor,
  byEnd,
  byHeaderPages,
  byTotalPages,
  byTotal,
  byHeaderTotal,
  byMore,
];
/** Rules that take silence for a sign of more: not where something said that this is the end. */
const doubts: readonly Rule[] = [byFullPage, byOwnCount];

/**
 * Looks at the first response. What says that there are more pages counts more than what says that there are none, unless that is sure.
 *
 * @param count How many records it has, where they can be found.
 */
export function detectPagination(response: HttpResponse, base: Request, count: number | undefined): Detection {
  const evidence: Evidence = { response, base, hints: hintsOf(response.body), count };
  let end: Detection | undefined;
  for (const rule of rules) {
    const result = rule(evidence);
    if (result && (result.kind !== 'single' || result.isSure)) return result;
    end ??= result;
  }
  if (end) return end;
  for (const rule of doubts) {
    const result = rule(evidence);
    if (result) return result;
  }
  return { kind: 'single', why: 'nothing in the response says that there are more pages' };
}

function byContentRange({ response }: Evidence): Detection | undefined {
  const range = /^(?:([\w-]+)\s+)?0-(\d+)\/(\d+|\*)$/.exec(response.headers['content-range']?.trim() ?? '');
  if (!range) return undefined;
  const limit = Number(range[2]) + 1;
  if (range[3] !== '*' && Number(range[3]) <= limit)
    return { kind: 'single', why: 'the header Content-Range covers everything', isSure: true };
  const format: DetectedOptions = range[1] ? { unit: range[1] } : { format: 'bare' };
  return found('content_range', { limit, ...format }, `the header Content-Range is ${range[0]}`);
}

function byContinuation({ hints }: Evidence): Detection | undefined {
  const object = hints.find(
    ({ key, value }) => key === 'continue' && typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return (
    object &&
    found('continuation', { continuationPath: object.path }, `there is an object to continue with at "${object.path}"`)
  );
}

function byGraphql({ hints, base }: Evidence): Detection | undefined {
  const info = hints.find(
    ({ key, value }) => key === 'pageInfo' && typeof value === 'object' && value !== null && 'hasNextPage' in value,
  );
  if (!info || base.body?.kind !== 'json') return undefined;
  const { query } = (base.body.value ?? {}) as { query?: unknown };
  if (typeof query !== 'string') return undefined;
  if (!(info.value as { hasNextPage: unknown }).hasNextPage)
    return { kind: 'single', why: `"${info.path}" says that there is no next page`, isSure: true };
  const variable = /\bafter\s*:\s*\$(\w+)/.exec(query)?.[1];
  if (!variable)
    return {
      kind: 'unknown',
      why: 'there is a GraphQL connection, but the query has no variable for its argument after',
    };
  return found(
    'graphql',
    { connectionPath: info.parent, variable },
    `there is a GraphQL connection at "${info.parent}"`,
  );
}

/** A link or a cursor that is there and empty. */
function byEnd({ hints }: Evidence): Detection | undefined {
  const none = hints.find(
    ({ name, value }) =>
      (isLinkName(name) || isNextCursorName(name)) && (value === null || value === '' || value === false),
  );
  return none && { kind: 'single', why: `"${none.path}" is empty` };
}

function byMore(evidence: Evidence): Detection | undefined {
  const { hints, base } = evidence;
  const more = moreIn(hints);
  if (!more) return undefined;
  if (!more.hasMore) return { kind: 'single', why: more.text };
  const list = hints.find(({ path, value }) => path === 'object' && value === 'list');
  if (list)
    return found(
      'keyset',
      { ...placed(base, 'key', 'starting_after'), ...more.option },
      `${more.text}, and the body calls itself a list`,
    );
  return ranged(evidence, { more: more.option }, more.text) ?? { kind: 'unknown', why: more.text };
}
