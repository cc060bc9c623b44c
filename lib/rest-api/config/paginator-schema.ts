// What `paginator` may be in a configuration: dlt's types, options and names.
import { z } from 'zod';
import { keys, name } from './keys.js';

const jsonPath = name.describe('A JSONPath into the response.');
const count = z.int().min(0);

/** Options of the two paginators that count, of which dlt reads the end in the same way. */
const range = {
  stop_after_empty_page: z.boolean().optional().describe('Stop at a page without records. Default: true.'),
  has_more_path: jsonPath.nullish().describe('Where the response says whether there is more.'),
};

const offset = keys({
  type: z.literal('offset'),
  limit: z.int().min(1).describe('Records asked for on each page.'),
  offset: count.optional().describe('Of the first page. Default: 0.'),
  offset_param: name.nullish().describe('Default: offset.'),
  limit_param: name.nullish().describe('Default: limit.'),
  offset_body_path: name.nullish().describe('Where in the JSON body the offset goes, in place of a parameter.'),
  limit_body_path: name.nullish(),
  total_path: jsonPath.nullish().describe('Where the response says how many records there are. Default: total.'),
  maximum_offset: count.nullish().describe('No page at this offset or beyond it.'),
  ...range,
});

const pageNumber = keys({
  type: z.literal('page_number'),
  base_page: count.optional().describe('The number of the first page as the API counts. Default: 0.'),
  page: count.optional().describe('Where to begin. Default: base_page.'),
  page_param: name.nullish().describe('Default: page.'),
  page_body_path: name.nullish().describe('Where in the JSON body the page goes, in place of a parameter.'),
  total_path: jsonPath.nullish().describe('Where the response says how many pages there are. Default: total.'),
  maximum_page: count.nullish().describe('No page of this number or beyond it.'),
  ...range,
});

const cursor = keys({
  type: z.literal('cursor'),
  cursor_path: jsonPath.optional().describe('Where the response gives the next cursor. Default: cursors.next.'),
  cursor_param: name.nullish().describe('Default: cursor.'),
  cursor_body_path: name.nullish().describe('Where in the JSON body the cursor goes, in place of a parameter.'),
  stop_after_empty_page: z.boolean().optional().describe('Stop at a page without records. Default: false.'),
  has_more_path: jsonPath.nullish(),
});

const headerCursor = keys({
  type: z.literal('header_cursor'),
  cursor_key: name.optional().describe('The header that gives the next cursor. Default: next.'),
  cursor_param: name.optional().describe('Default: cursor.'),
});

const jsonLink = keys({
  type: z.enum(['json_link', 'json_response']),
  next_url_path: jsonPath.optional().describe('Where the response gives the next address. Default: next.'),
});

const headerLink = keys({
  type: z.literal('header_link'),
  links_next_key: name.optional().describe('The relation in the Link header. Default: next.'),
});

const singlePage = keys({ type: z.literal('single_page') });
const auto = keys({ type: z.literal('auto').optional() });

/** The paginators that need no options, by their names. */
export const paginatorNames = [
  'auto',
  'single_page',
  'json_link',
  'json_response',
  'header_link',
  'header_cursor',
  'cursor',
  'page_number',
  'offset',
] as const;

export const paginatorSchema = z.union([
  z.enum(paginatorNames),
  offset,
  pageNumber,
  cursor,
  headerCursor,
  jsonLink,
  headerLink,
  singlePage,
  auto,
]);

export type PaginatorConfig = z.input<typeof paginatorSchema>;
export type PaginatorType = Exclude<PaginatorConfig, string>['type'] & string;
