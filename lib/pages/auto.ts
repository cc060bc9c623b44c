// The paginator that finds out from the first response which paginator it is.
import { createHash } from 'node:crypto';
import type { HttpResponse, Json } from '../core/index.js';
import { builtIn } from './built-in.js';
import { detectPagination } from './detect-pagination.js';
import type { DetectedOptions, Detection } from './detection.js';
import { PaginationError } from './pagination-error.js';
import type { PageFacts, Paginator } from './paginator.js';
import { describeRequest } from './walk-key.js';

/** Everything that was found out, as plain data: a walk goes on from it without asking again. */
type State = { readonly [key: string]: Json };

type Stage =
  | { readonly stage: 'first' }
  | { readonly stage: 'decided'; readonly by: string; readonly options: DetectedOptions; readonly state: Json }
  /** Page 1 was asked for: is it the page that came first, or the one after it? */
  | { readonly stage: 'base'; readonly options: DetectedOptions; readonly first: string; readonly why: string }
  /** The first of `places` was tried with the cursor: is there another page now? */
  | {
      readonly stage: 'cursor';
      readonly path: string;
      readonly cursor: Json;
      readonly places: readonly DetectedOptions[];
      readonly tried: readonly string[];
      readonly first: string;
    };

/**
 * Finds out how the pages hang together: by a header, a link, a cursor, a total number of pages, or an offset that the
 * page repeats. Where nothing says whether pages count from 0 or from 1, or which parameter takes the cursor, it asks and
 * compares. What it found, and why, goes to the progress.
 *
 * Fails with `ERR_PAGINATION_UNKNOWN` where there are more pages, or the page is exactly as full as the request asks, and nothing says
 * how to ask for more, rather than take one page for all.
 *
 * @example pages(api, '/v1/projects', auto())
 */
export function auto(): Paginator<State> {
  const made = new Map<string, Paginator>();
  const inner = ({ by, options }: { readonly by: string; readonly options: DetectedOptions }): Paginator => {
    const key = JSON.stringify([by, options]);
    let paginator = made.get(key);
    if (!paginator) {
      paginator = builtIn[by]!.make(options);
      made.set(key, paginator);
    }
    return paginator;
  };
  const decided = (by: string, options: DetectedOptions, state: Json): State | null =>
    state === null ? null : { stage: 'decided', by, options, state };

  const afterFirst = (response: HttpResponse, facts: PageFacts): State | null => {
    const detection = detect(response, facts);
    switch (detection.kind) {
      case 'single':
        return null;
      case 'unknown':
        throw unknown(response, detection.why);
      case 'base':
        return { stage: 'base', options: detection.options, first: printOf(response, facts), why: detection.why };
      case 'cursor': {
        const { path, places } = detection;
        const found = inner({ by: 'cursor', options: { cursorPath: path } }).next(response, '', facts);
        return found === null
          ? null
          : { stage: 'cursor', path, cursor: found, places, tried: [], first: printOf(response, facts) };
      }
      case 'found': {
        const { by, options } = detection;
        const paginator = inner({ by, options });
        return decided(by, options, paginator.next(response, paginator.initial(response.request), facts));
      }
    }
  };

  return {
    name: 'auto',
    initial: () => ({ stage: 'first' }),
    request: (base, state) => {
      const at = state as unknown as Stage;
      if (at.stage === 'decided') return inner(at).request(base, at.state);
      if (at.stage === 'base') return inner({ by: 'page_number', options: at.options }).request(base, 1);
      if (at.stage === 'cursor') return inner(withCursor(at)).request(base, at.cursor);
      return base;
    },
    next: (response, state, facts) => {
      const at = state as unknown as Stage;
      if (at.stage === 'first') return afterFirst(response, facts);
      if (at.stage === 'decided') return decided(at.by, at.options, inner(at).next(response, at.state, facts));
      const same = printOf(response, facts) === at.first;
      if (at.stage === 'base') {
        const options = { ...at.options, basePage: same ? 1 : 0 };
        return decided('page_number', options, inner({ by: 'page_number', options }).next(response, 1, facts));
      }
      if (same) {
        const [place, ...others] = at.places;
        const tried = [...at.tried, nameOf(place)];
        if (others.length === 0) throw noParam(response, at.path, tried);
        return { ...at, places: others, tried };
      }
      const { by, options } = withCursor(at);
      return decided(by, options, inner({ by, options }).next(response, at.cursor, facts));
    },
    ahead: (state) => {
      const at = state as unknown as Stage;
      const ahead = at.stage === 'decided' ? inner(at).ahead?.(at.state) : undefined;
      return ahead === undefined || at.stage !== 'decided' ? undefined : decided(at.by, at.options, ahead);
    },
    total: (response, state, facts) => {
      const at = state as unknown as Stage;
      return at.stage === 'decided' ? inner(at).total?.(response, at.state, facts) : undefined;
    },
    count: (response, state) => {
      const at = state as unknown as Stage;
      return at.stage === 'decided' ? inner(at).count?.(response, at.state) : undefined;
    },
    isProbe: (response, state, facts) => {
      const at = state as unknown as Stage;
      if (at.stage === 'decided') return inner(at).isProbe?.(response, at.state, facts) ?? false;
      return at.stage !== 'first' && printOf(response, facts) === at.first;
    },
    explain: (response, state, facts) => {
      const at = state as unknown as Stage;
      if (at.stage === 'first') return describe(detect(response, facts), facts);
      if (at.stage === 'decided') return inner(at).explain?.(response, at.state, facts);
      const same = printOf(response, facts) === at.first;
      if (at.stage === 'base') return `pages count from ${same ? 1 : 0}: page 1 is the ${same ? 'first' : 'second'}`;
      return same ? undefined : `"${nameOf(at.places[0])}" takes the cursor: it brought another page`;
    },
  };
}

/** The cursor paginator that a stage tries. */
function withCursor(at: Stage & { readonly stage: 'cursor' }): { by: string; options: DetectedOptions } {
  return { by: 'cursor', options: { cursorPath: at.path, ...at.places[0] } };
}

function nameOf(place: DetectedOptions | undefined): string {
  return String(Object.values(place ?? {})[0]);
}

function detect(response: HttpResponse, { records }: PageFacts): Detection {
  return detectPagination(response, response.request, records?.length);
}

/** What tells one page from another: its records, since what is around them may carry times and numbers of requests. */
function printOf(response: HttpResponse, { records }: PageFacts): string {
  const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  const text = records === undefined ? response.text : JSON.stringify(records, exact);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function describe(detection: Detection, { records }: PageFacts): string {
  const size = records === undefined ? '' : ` (it has ${records.length} records)`;
  switch (detection.kind) {
    case 'single':
      return `taken for the only page${size}: ${detection.why}`;
    case 'found':
      return `paginator ${detection.by} ${JSON.stringify(detection.options)}: ${detection.why}`;
    case 'base':
      return `paginator page_number: ${detection.why}; asking whether the first is 0 or 1`;
    case 'cursor':
      return `paginator cursor: ${detection.why}; asking which parameter takes it`;
    case 'unknown':
      return detection.why;
  }
}

function unknown(response: HttpResponse, why: string): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_UNKNOWN',
    `${describeRequest(response.request)}: how to ask for more pages cannot be told: ${why}. ` +
      'Choose a paginator. Candidates: offset (limit, offsetParam, limitParam), page_number (basePage, pageParam), ' +
      'cursor (cursorPath, cursorParam), keyset (keyParam), header_link (header), header_cursor (cursorKey, cursorParam); single_page takes this page alone.',
  );
}

function noParam(response: HttpResponse, path: string, tried: readonly string[]): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_UNKNOWN',
    `${describeRequest(response.request)}: there is a cursor at "${path}", but which parameter takes it cannot be told: ` +
      `with ${tried.join(', ')} the first page came again. Choose the paginator cursor and give cursorParam or cursorBodyPath.`,
  );
}
