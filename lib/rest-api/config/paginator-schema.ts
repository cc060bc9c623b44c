// What `paginator` may be in a configuration: dlt's types, options and names.
import * as z from 'zod';
import { type Paginator, paginators } from '../../pages/index.js';
import { keys, name, notThere, unknownType } from './keys.js';

const jsonPath = name.describe('A JSONPath into the response.');
const count = z.int().min(0);
const isLastPath = jsonPath.nullish().describe('Where the response says whether it is the last page.');

/** Options of the two paginators that count, of which dlt reads the end in the same way. */
const range = {
  stop_after_empty_page: z.boolean().optional().describe('Stop at a page without records. Default: true.'),
  has_more_path: jsonPath.nullish().describe('Where the response says whether there is more.'),
  is_last_path: isLastPath,
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
  overlap: count.optional().describe('How many records of each page are asked for again with the next. Default: 0.'),
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
  total_records_path: jsonPath
    .nullish()
    .describe('Where the response says how many records there are, with page_size.'),
  page_size: z.int().min(1).nullish().describe('Records on each page, for total_records_path.'),
  overlap: count.optional().describe('How many pages before each page are asked for again after it. Default: 0.'),
  ...range,
});

const cursor = keys({
  type: z.literal('cursor'),
  cursor_path: jsonPath.optional().describe('Where the response gives the next cursor. Default: cursors.next.'),
  cursor_param: name.nullish().describe('Default: cursor.'),
  cursor_body_path: name.nullish().describe('Where in the JSON body the cursor goes, in place of a parameter.'),
  stop_after_empty_page: z.boolean().optional().describe('Stop at a page without records. Default: false.'),
  has_more_path: jsonPath.nullish(),
  is_last_path: isLastPath,
});

const headerCursor = keys({
  type: z.literal('header_cursor'),
  cursor_key: name.optional().describe('The header that gives the next cursor. Default: next.'),
  cursor_param: name.optional().describe('Default: cursor.'),
  cursor_body_path: name.nullish(),
});

const jsonLink = keys({
  type: z.enum(['json_link', 'json_response']),
  next_url_path: jsonPath.optional().describe('Where the response gives the next address. Default: next.'),
  base_url_path: jsonPath.nullish().describe('Where the response gives the address that its links stand below.'),
});

const headerLink = keys({
  type: z.literal('header_link'),
  links_next_key: name.optional().describe('The relation in the Link header. Default: next.'),
  header: name.optional().describe('The header; one that is not Link holds the address itself. Default: Link.'),
});

const singlePage = keys({ type: z.literal('single_page') });
const auto = keys({ type: z.literal('auto').optional() });

/** Paginators that dlt does not have. */
const keyset = keys({
  type: z.literal('keyset'),
  key_path: name.optional().describe('The key, in the last record of a page. Default: id.'),
  key_param: name.nullish().describe('The parameter that asks for what comes after a key.'),
  key_body_path: name.nullish(),
  has_more_path: jsonPath.nullish(),
  is_last_path: isLastPath,
});

const continuation = keys({
  type: z.literal('continuation'),
  continuation_path: jsonPath.optional().describe('An object of parameters for the next page, as in MediaWiki.'),
  body_path: name.nullish(),
});

const contentRange = keys({
  type: z.literal('content_range'),
  limit: z.int().min(1),
  unit: name.optional().describe('Default: items.'),
  format: z.enum(['unit', 'bare']).optional().describe('How the range is written. Default: unit.'),
});

const graphql = keys({
  type: z.literal('graphql'),
  connection_path: jsonPath.describe('The connection that is paged: the object with pageInfo.'),
  variable: name.optional(),
});

const builtIn = z.union([
  offset,
  pageNumber,
  cursor,
  headerCursor,
  jsonLink,
  headerLink,
  singlePage,
  auto,
  keyset,
  continuation,
  contentRange,
  graphql,
]);
const builtInTypes: readonly string[] = builtIn.options.flatMap(({ shape }) => [...literal(shape.type)]);

/** The names that may stand for a whole paginator. Of `offset` the check says what it lacks. */
const names = z.enum([
  'auto',
  'single_page',
  'json_link',
  'json_response',
  'header_link',
  'header_cursor',
  'cursor',
  'page_number',
  'continuation',
  'offset',
]);

/** What a program has registered under a name of its own. */
const isRegistered = (type: string) => paginators.has(type) && !builtInTypes.includes(type);
const registeredName = z.string().refine(isRegistered, { abort: true, params: { code: unknownType } });
const registered = z.looseObject({ type: registeredName });

const instance = z.custom<Paginator>(isPaginator, { params: { code: notThere } });

/**
 * A paginator: its name, its name with options, or, in a program, the paginator itself. What `registerPaginator` has added can be
 * named in JSON.
 */
export type PaginatorConfig = z.input<typeof names> | z.input<typeof builtIn> | Paginator;

export const paginatorSchema = z.union([names, registeredName, builtIn, registered, instance]) as unknown as z.ZodType<
  PaginatorConfig,
  PaginatorConfig
>;

/** Whether a configuration has the paginator itself, and not what to make it of. */
export function isPaginator(value: unknown): value is Paginator {
  return typeof value === 'object' && value !== null && 'initial' in value && 'request' in value && 'next' in value;
}

function literal(type: z.ZodType): readonly string[] {
  const inner = type instanceof z.ZodOptional ? type.unwrap() : type;
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}
