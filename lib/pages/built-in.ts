// The paginators of this package by name: which options each takes, and how it is made of them.
import { type ContentRangeOptions, contentRange } from './content-range.js';
import { continuation } from './continuation.js';
import { cursor } from './cursor.js';
import { type GraphqlOptions, graphql } from './graphql.js';
import { headerCursor } from './header-cursor.js';
import { headerLink } from './header-link.js';
import { jsonLink } from './json-link.js';
import { type KeysetOptions, keyset } from './keyset.js';
import { type OffsetOptions, offset } from './offset.js';
import { pageNumber } from './page-number.js';
import type { Paginator } from './paginator.js';
import { singlePage } from './single-page.js';

/** Options as a configuration has them: not checked. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** One kind of paginator. */
export interface PaginatorKind {
  /** The names of its options, in camel case. */
  readonly options: readonly string[];
  /** Those without which it cannot be made. @default none */
  readonly required?: readonly string[];
  /** @throws OptionError `ERR_INVALID_OPTION` for options that are not usable. */
  make(options: RawOptions): Paginator;
}

const rangeEnd = ['totalPath', 'stopAfterEmptyPage', 'hasMorePath', 'isLastPath'];

export const builtIn: Readonly<Record<string, PaginatorKind>> = {
  single_page: { options: [], make: () => singlePage() },
  json_link: { options: ['nextUrlPath', 'baseUrlPath'], make: (options) => jsonLink(options) },
  header_link: { options: ['linksNextKey', 'header'], make: (options) => headerLink(options) },
  header_cursor: {
    options: ['cursorKey', 'cursorParam', 'cursorBodyPath'],
    make: (options) => headerCursor(options),
  },
  cursor: {
    options: ['cursorPath', 'cursorParam', 'cursorBodyPath', 'stopAfterEmptyPage', 'hasMorePath', 'isLastPath'],
    make: (options) => cursor(options),
  },
  offset: {
    options: [
      'limit',
      'offset',
      'offsetParam',
      'offsetBodyPath',
      'limitParam',
      'limitBodyPath',
      'maximumOffset',
      'overlap',
      ...rangeEnd,
    ],
    required: ['limit'],
    make: (options) => offset(options as unknown as OffsetOptions),
  },
  page_number: {
    options: [
      'basePage',
      'page',
      'pageParam',
      'pageBodyPath',
      'maximumPage',
      'totalRecordsPath',
      'pageSize',
      'overlap',
      ...rangeEnd,
    ],
    make: (options) => pageNumber(options),
  },
  keyset: {
    options: ['keyPath', 'keyParam', 'keyBodyPath', 'hasMorePath', 'isLastPath'],
    make: (options) => keyset(options as unknown as KeysetOptions),
  },
  continuation: {
    options: ['continuationPath', 'bodyPath'],
    make: (options) => continuation(options),
  },
  content_range: {
    options: ['limit', 'unit', 'format'],
    required: ['limit'],
    make: (options) => contentRange(options as unknown as ContentRangeOptions),
  },
  graphql: {
    options: ['connectionPath', 'variable'],
    required: ['connectionPath'],
    make: (options) => graphql(options as unknown as GraphqlOptions),
  },
};
