// Sees to it that a walk ends: notices a request that was made before, a page that came before, and a walk that outgrows
// what was allowed. Its memory is bounded, however long the walk.
import { type HttpResponse, OptionError, type Request } from '../core/index.js';
import { PaginationError } from './pagination-error.js';
import { isEmpty } from './read-body.js';
import { printOfPage } from './record-prints.js';
import { describeRequest, requestKey } from './walk-key.js';

export interface GuardOptions {
  /** How many pages the walk may have. More is an error, not an end. @default no limit */
  readonly maxPages?: number;
  /** How many bytes of bodies the walk may have. More is an error, not an end. @default no limit */
  readonly maxBytes?: number;
  /**
   * Whether a page may have the same records as one before it. Only for APIs whose records do not tell themselves apart. @default false
   */
  readonly allowRepeatedPages?: boolean;
}

/** How many pages with records each of two generations has, with which a page is compared. */
const compared = 1024;
/** How many requests of each of two generations are remembered exactly. */
const generation = 32_768;

interface Asked {
  readonly request: Request;
  readonly page: number;
}

export class Guard {
  readonly #options: GuardOptions;
  /** The page number of each recent request. */
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  /** One request that is replaced at page 1, 2, 4, 8, …: a loop of any length meets it before it is three times as old. */
  #mark: { readonly key: string; readonly page: number } | undefined;
  #requests = 0;
  #bytes = 0;
  /** The last pages by the prints of their records. */
  #pages = new Map<string, Asked>();
  #olderPages = new Map<string, Asked>();
  #lastText: string | undefined;
  #lastRequest: Asked | undefined;

  /** @throws OptionError `ERR_INVALID_OPTION` for a limit that is not a positive whole number. */
  constructor(options: GuardOptions = {}) {
    for (const name of ['maxPages', 'maxBytes'] as const) {
      const value = options[name];
      if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
        throw new OptionError(name, `must be a whole number above 0, not ${value}`);
    }
    this.#options = options;
  }

  /** Forgets what was asked and what came: the walk starts from its first page. */
  startOver(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#mark = undefined;
    this.#pages.clear();
    this.#olderPages.clear();
    this.#lastText = undefined;
    this.#lastRequest = undefined;
  }

  /** How many pages the walk may have. */
  get maxPages(): number {
    return this.#options.maxPages ?? Number.POSITIVE_INFINITY;
  }

  /** Before page `page` is asked for. @throws PaginationError `ERR_PAGINATION_LOOP`, `ERR_PAGINATION_LIMIT` */
  request(request: Request, page: number): void {
    const { maxPages } = this.#options;
    if (maxPages !== undefined && page >= maxPages)
      throw new PaginationError(
        'ERR_PAGINATION_LIMIT',
        `The walk has more than ${maxPages} pages, the limit that was set (maxPages)${this.#after()}: the next would be ${describeRequest(request)}. ` +
          'Raise maxPages if the API has that many, or check the stop condition of the paginator.',
      );
    const key = requestKey(request);
    const before =
      this.#recent.get(key) ?? this.#older.get(key) ?? (this.#mark?.key === key ? this.#mark.page : undefined);
    if (before !== undefined)
      throw new PaginationError(
        'ERR_PAGINATION_LOOP',
        `The walk goes in a circle: page ${page} would be asked for with the request that page ${before} was asked for with: ` +
          `${describeRequest(request)}${this.#after()}. ` +
          'The API does not move on: check that the paginator sets the parameter the API reads, and where it finds the next page.',
      );
    this.#remember(key, page);
  }

  /**
   * When a page has come. `isAgain`: it was asked for a second time, and so has records that came.
   * @throws PaginationError `ERR_PAGINATION_LOOP`, `ERR_PAGINATION_LIMIT`
   */
  response(response: HttpResponse, page: number, records: readonly unknown[] | undefined, isAgain = false): void {
    this.#bytes += response.bytes;
    const { maxBytes, allowRepeatedPages } = this.#options;
    if (maxBytes !== undefined && this.#bytes > maxBytes)
      throw new PaginationError(
        'ERR_PAGINATION_LIMIT',
        `The walk is larger than ${maxBytes} bytes, the limit that was set (maxBytes): page ${page} brought it to ${this.#bytes}, ` +
          `with ${describeRequest(response.request)}${this.#after()}. Raise maxBytes if the API has that much.`,
      );
    if (!allowRepeatedPages && !isAgain && !isEmpty(response, records)) this.#compare(response, page, records);
    this.#lastRequest = { request: response.request, page };
  }

  /** Records are compared, since what is around them may carry times and numbers of requests; where they do not differ, the whole. */
  #compare(response: HttpResponse, page: number, records: readonly unknown[] | undefined): void {
    const { request } = response;
    const print = records && printOfPage(records);
    const before =
      print === undefined ? this.#sameText(response.text) : (this.#pages.get(print) ?? this.#olderPages.get(print));
    if (before)
      throw new PaginationError(
        'ERR_PAGINATION_LOOP',
        `Page ${page} has the same records as page ${before.page}: ${describeRequest(request)} (page ${before.page} was ${describeRequest(before.request)}). ` +
          'The API seems to ignore the parameter that names the page: check its name. ' +
          'If its pages may be equal, set allowRepeatedPages (allow_repeated_pages).',
      );
    // A text is made only where it is needed.
    this.#lastText = print === undefined ? response.text : undefined;
    if (print === undefined) return;
    if (this.#pages.size >= compared) {
      this.#olderPages = this.#pages;
      this.#pages = new Map();
    }
    this.#pages.set(print, { request, page });
  }

  #sameText(text: string): Asked | undefined {
    return text !== '' && text === this.#lastText ? this.#lastRequest : undefined;
  }

  #remember(key: string, page: number): void {
    this.#requests += 1;
    if ((this.#requests & (this.#requests - 1)) === 0) this.#mark = { key, page };
    if (this.#recent.size >= generation) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, page);
  }

  #after(): string {
    return this.#lastRequest
      ? ` (page ${this.#lastRequest.page} was ${describeRequest(this.#lastRequest.request)})`
      : '';
  }
}
