// What a paginator is: pure functions from one page to the next request. The walk is the only loop.
import type { HttpResponse, Json, Request, RequestError } from '../core/index.js';

/** What a paginator is told about a page beside the response. */
export interface PageFacts {
  /** The page's records as the row selector, or detection, finds them; `undefined` where none can be found. */
  readonly records: readonly unknown[] | undefined;
  /** The page's number in its walk, counted from 0. */
  readonly page: number;
  /** How many pages the walk has, where a page before this one told. */
  readonly expected?: number;
  /** Whether a response action has put this page in place of what the server sent: its number of records then tells nothing. */
  readonly isRewritten?: boolean;
}

/**
 * A paginator of state `S`: plain JSON that says which page to ask for. A walk can start from any state that it gave out.
 * It holds no state of its own, so one instance serves any number of walks at once.
 */
export interface Paginator<S extends Json = Json> {
  readonly name: string;
  /** The state of the first page, from the request as the caller wrote it. */
  initial(request: Request): S;
  /** The request for the page that `state` names. */
  request(base: Request, state: S): Request;
  /** The state of the page after this one; `null` at the end. Throws a `PaginationError` for a page that it cannot read. */
  next(response: HttpResponse, state: S, facts: PageFacts): S | null;
  /**
   * The state of the page after `state`, known without its response; `null` when there is none, `undefined` when that cannot
   * be told. Only paginators whose requests are known ahead have it: the walk can then keep several requests in flight.
   */
  ahead?(state: S): S | null | undefined;
  /**
   * How many pages the whole walk has, once a page has told: its number and those from it on. For progress, to ask for no page beyond
   * it ahead, and to notice where pages with records end before it.
   */
  total?(response: HttpResponse, state: S, facts: PageFacts): number | undefined;
  /** How many records there are in all, where a page tells. Where it falls, records shift while they are read, and some may be missed. */
  count?(response: HttpResponse, state: S): number | undefined;
  /** Whether a state asks for a page that came before, which then is no sign of a walk in circles. */
  isAgain?(state: S): boolean;
  /**
   * Whether the page answers a question of the paginator's own (does the API count from 0 or from 1?) and is no page of the
   * walk: it is not emitted, and may repeat another.
   */
  isProbe?(response: HttpResponse, state: S, facts: PageFacts): boolean;
  /**
   * What comes after a request that the server refused for good (400, 404, 410, 416, …): the state to go on with, `null` where that is
   * how the server says the end, `undefined` where it is a failure. Without it, each is a failure.
   */
  refused?(error: RequestError, state: S): S | null | undefined;
  /** What the paginator found out from this page, and why it thinks so: one sentence for the progress. */
  explain?(response: HttpResponse, state: S, facts: PageFacts): string | undefined;
}
