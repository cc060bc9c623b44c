// The paginator that finds out from the first response which paginator it is.
import { type HttpResponse, type Json, markConfined } from '../core/index.js';
import { builtIn } from './built-in.js';
import { detectPagination } from './detect-pagination.js';
import type { DetectedOptions, Detection } from './detection.js';
import { PaginationError } from './pagination-error.js';
import type { PageFacts, Paginator } from './paginator.js';
import { printOfAll } from './record-prints.js';
import { describeRequest } from './walk-key.js';

/** Everything that was found out, as plain data: a walk goes on from it without asking again. */
type State = { readonly [key: string]: Json };

/** The first of `places` was tried with the cursor: is there another page now? */
interface CursorStage {
  readonly stage: 'cursor';
  readonly path: string;
  readonly cursor: Json;
  readonly places: readonly DetectedOptions[];
  /** How many of `places` go with the name of the cursor. */
  readonly likely: number;
  readonly end: DetectedOptions;
  readonly tried: readonly string[];
  readonly first: string;
  /** Whether a place brought a page without records: the end, or what a server answers that looks for something else there. */
  readonly hasEmptied?: boolean;
}

type Stage =
  | { readonly stage: 'first' }
  | { readonly stage: 'decided'; readonly by: string; readonly options: DetectedOptions; readonly state: Json }
  /** Page 1 was asked for: is it the page that came first, or the one after it? */
  | {
      readonly stage: 'base';
      readonly options: DetectedOptions;
      readonly first: string;
      readonly why: string;
      readonly pages?: number;
    }
  | CursorStage;

/**
 * Finds out how the pages hang together: by a header, a link, a cursor, a total of pages or records, or an offset that the
 * page repeats. Where nothing says whether pages count from 0 or from 1, or which parameter takes the cursor, it asks and
 * compares. What it found, and why, goes to the progress.
 *
 * Fails with `ERR_PAGINATION_UNKNOWN` where there are more pages, or there may be and a sign of it is there, and nothing says
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
        throw unknown(describeRequest(response.request), detection.why);
      case 'base': {
        const { options, why, pages } = detection;
        return { stage: 'base', options, first: printOf(response, facts), why, ...(pages !== undefined && { pages }) };
      }
      case 'cursor': {
        const { path, places, likely, end } = detection;
        const found = inner({ by: 'cursor', options: { cursorPath: path, ...end } }).next(response, '', facts);
        if (found === null) return null;
        return {
          stage: 'cursor',
          path,
          cursor: found,
          places,
          likely,
          end,
          tried: [],
          first: printOf(response, facts),
        };
      }
      case 'found': {
        const { by, options } = detection;
        const paginator = inner({ by, options });
        return decided(by, options, paginator.next(response, paginator.initial(response.request), facts));
      }
    }
  };

  const afterCursor = (response: HttpResponse, at: CursorStage, facts: PageFacts): State | null => {
    const outcome = outcomeOf(response, at, facts);
    if (outcome !== 'taken') {
      const next = otherPlace(at, outcome === 'empty');
      if (next === undefined) throw noParam(describeRequest(response.request), at);
      return next;
    }
    const { by, options } = withCursor(at);
    return decided(by, options, inner({ by, options }).next(response, at.cursor, facts));
  };

  return markConfined({
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
      if (at.stage === 'cursor') return afterCursor(response, at, facts);
      const basePage = printOf(response, facts) === at.first ? 1 : 0;
      const maximum = at.pages === undefined ? {} : { maximumPage: basePage + at.pages };
      const options = { ...at.options, basePage, ...maximum };
      return decided('page_number', options, inner({ by: 'page_number', options }).next(response, 1, facts));
    },
    refused: (error, state) => {
      const at = state as unknown as Stage;
      if (at.stage === 'decided') {
        const next = inner(at).refused?.(error, at.state);
        return next === undefined ? undefined : decided(at.by, at.options, next);
      }
      const asked = `${error.method} ${error.url}`;
      if (at.stage === 'base') {
        const param = nameOf({ ...placeOf(at.options) });
        throw unknown(asked, `${at.why}, but with "${param}" set to 1 the server ${error.reason}`);
      }
      if (at.stage === 'first') return undefined;
      const next = otherPlace(at, false);
      if (next === undefined) throw noParam(asked, at);
      return next;
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
      if (at.stage === 'cursor') return outcomeOf(response, at, facts) !== 'taken';
      return at.stage === 'base' && printOf(response, facts) === at.first;
    },
    explain: (response, state, facts) => {
      const at = state as unknown as Stage;
      if (at.stage === 'first') return describe(detect(response, facts), facts);
      if (at.stage === 'decided') return inner(at).explain?.(response, at.state, facts);
      if (at.stage === 'cursor')
        return outcomeOf(response, at, facts) === 'taken'
          ? `"${nameOf(at.places[0])}" takes the cursor: it brought another page`
          : undefined;
      const same = printOf(response, facts) === at.first;
      return `pages count from ${same ? 1 : 0}: page 1 is the ${same ? 'first' : 'second'}`;
    },
  });
}

/** What a page says of the place that the cursor was put in: another page has come, the same one, or none. */
function outcomeOf(response: HttpResponse, at: CursorStage, facts: PageFacts): 'taken' | 'same' | 'empty' {
  if (printOf(response, facts) === at.first) return 'same';
  if (facts.records?.length !== 0 || at.likely > 0) return 'taken';
  const { by, options } = withCursor(at);
  const goesOn = builtIn[by]!.make(options).next(response, at.cursor, facts) !== null;
  return goesOn ? 'taken' : 'empty';
}

/** The stage in which the next place is tried; `null` when one of them brought the end, `undefined` when there are no more. */
function otherPlace(at: CursorStage, isEmpty: boolean): State | null | undefined {
  const [place, ...places] = at.places;
  const hasEmptied = isEmpty || at.hasEmptied === true;
  if (places.length === 0 && hasEmptied) return null;
  if (places.length === 0) return undefined;
  const tried = [...at.tried, nameOf(place)];
  return { ...at, places, tried, likely: Math.max(0, at.likely - 1), ...(hasEmptied && { hasEmptied }) } as State;
}

/** The cursor paginator that a stage tries. */
function withCursor(at: CursorStage): { by: string; options: DetectedOptions } {
  return { by: 'cursor', options: { cursorPath: at.path, ...at.end, ...at.places[0] } };
}

function placeOf({ pageParam, pageBodyPath }: DetectedOptions): DetectedOptions {
  return { place: pageParam ?? pageBodyPath ?? 'page' };
}

function nameOf(place: DetectedOptions | undefined): string {
  return String(Object.values(place ?? {})[0]);
}

function detect(response: HttpResponse, { records }: PageFacts): Detection {
  return detectPagination(response, response.request, records?.length);
}

/** What tells one page from another: its records, since what is around them may carry times and numbers of requests. */
function printOf(response: HttpResponse, { records }: PageFacts): string {
  return printOfAll(records ?? response.text);
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

function unknown(asked: string, why: string): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_UNKNOWN',
    `${asked}: how to ask for more pages cannot be told: ${why}. ` +
      'Choose a paginator. Candidates: offset (limit, offsetParam, limitParam), page_number (basePage, pageParam), ' +
      'cursor (cursorPath, cursorParam), keyset (keyParam), header_link (header), header_cursor (cursorKey, cursorParam); single_page takes this page alone.',
  );
}

function noParam(asked: string, at: CursorStage): PaginationError {
  const tried = [...at.tried, nameOf(at.places[0])];
  return new PaginationError(
    'ERR_PAGINATION_UNKNOWN',
    `${asked}: there is a cursor at "${at.path}", but which parameter takes it cannot be told: ` +
      `with ${tried.join(', ')} the first page came again, or the server refused it. Choose the paginator cursor and give cursorParam or cursorBodyPath.`,
  );
}
