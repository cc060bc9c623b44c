// Responses of well-known APIs that give a cursor, or whose last record is one.
import { count, next, number, part, size } from './api-style.js';
import { type Asked, only, type RealShape, refused, search } from './real-shape.js';

const token = (at: number | undefined) => (at === undefined ? undefined : `tok_${at}`);
const offsetOf = (value: unknown) =>
  typeof value === 'string' && /^tok_\d+$/.test(value) ? Number(value.slice(4)) : 0;

/** A server that takes the cursor by the query parameter `param`, and nothing else. */
const cursored = (
  name: string,
  param: string,
  body: (cursor: string | undefined, at: number) => unknown,
  more: Partial<RealShape> = {},
): RealShape => ({
  name,
  by: 'cursor',
  answer: ({ q }: Asked) => {
    if (!only(q, param)) return refused;
    const at = offsetOf(q.get(param));
    return { body: body(token(next(at)), at) };
  },
  ...more,
});

export const realCursors: readonly RealShape[] = [
  cursored('HubSpot: paging.next.after', 'after', (after, at) => ({
    results: part(at),
    ...(after && { paging: { next: { after } } }),
  })),
  cursored('Slack: response_metadata.next_cursor', 'cursor', (after, at) => ({
    ok: true,
    members: part(at),
    response_metadata: { next_cursor: after ?? '' },
  })),
  cursored('Notion: has_more and next_cursor, which goes to start_cursor', 'start_cursor', (after, at) => ({
    object: 'list',
    results: part(at),
    has_more: after !== undefined,
    next_cursor: after ?? null,
  })),
  cursored('Airtable: an offset that is no number', 'offset', (after, at) => ({
    records: part(at),
    ...(after && { offset: after }),
  })),
  cursored('Intercom: pages.next.starting_after beside a number of pages', 'starting_after', (after, at) => ({
    type: 'list',
    data: part(at),
    pages: {
      type: 'pages',
      page: at / size + 1,
      per_page: size,
      total_pages: 3,
      ...(after && { next: { page: at / size + 2, starting_after: after } }),
    },
  })),
  cursored('Square: cursor', 'cursor', (after, at) => ({ payments: part(at), ...(after && { cursor: after }) })),
  cursored('Twitter: meta.next_token, which goes to pagination_token', 'pagination_token', (after, at) => ({
    data: part(at),
    meta: { result_count: part(at).length, ...(after && { next_token: after }) },
  })),
  cursored('Twitch: pagination.cursor, which goes to after', 'after', (after, at) => ({
    data: part(at),
    pagination: after ? { cursor: after } : {},
  })),
  cursored('Google: nextPageToken, which goes to pageToken', 'pageToken', (after, at) => ({
    files: part(at),
    ...(after && { nextPageToken: after }),
  })),
  cursored('YouTube: nextPageToken beside pageInfo', 'pageToken', (after, at) => ({
    ...(after && { nextPageToken: after }),
    pageInfo: { totalResults: count, resultsPerPage: size },
    items: part(at),
  })),
  cursored('Kubernetes: metadata.continue', 'continue', (after, at) => ({
    kind: 'PodList',
    metadata: { resourceVersion: '1', ...(after && { continue: after, remainingItemCount: count - at - size }) },
    items: part(at),
  })),
  cursored('Zendesk: meta.after_cursor, which goes to page[after]', 'page[after]', (after, at) => ({
    tickets: part(at),
    meta: { has_more: after !== undefined, after_cursor: after ?? null },
  })),
  cursored('Eventbrite: pagination.continuation beside numbers', 'continuation', (after, at) => ({
    events: part(at),
    pagination: {
      object_count: count,
      page_number: 1,
      page_size: size,
      page_count: 3,
      has_more_items: after !== undefined,
      ...(after && { continuation: after }),
    },
  })),
  cursored('a continuation that is a text', 'continuation', (after, at) => ({
    items: part(at),
    continuation: after ?? null,
  })),
  {
    name: 'Bitbucket Server: nextPageStart and isLastPage, which goes to start',
    by: 'cursor',
    answer: ({ q }) => {
      if (!only(q, 'start', 'limit')) return refused;
      const at = number(q.get('start'));
      const body = { size: part(at).length, limit: size, isLastPage: next(at) === undefined, start: at };
      return { body: { ...body, values: part(at), nextPageStart: next(at) ?? null } };
    },
  },
  {
    name: 'Pipedrive: additional_data.pagination.next_start',
    by: 'cursor',
    requests: 3,
    answer: ({ q }) => {
      const at = number(q.get('start'));
      const more = next(at) !== undefined;
      const pagination = {
        start: at,
        limit: size,
        more_items_in_collection: more,
        ...(more && { next_start: next(at) }),
      };
      return { body: { success: true, data: part(at), additional_data: { pagination } } };
    },
  },
  {
    name: 'a number of the next page',
    by: 'cursor',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'), 1);
      return { body: { data: part((page - 1) * size), next_page: page < 3 ? page + 1 : null } };
    },
  },
  {
    name: 'DynamoDB: LastEvaluatedKey, an object, which goes to ExclusiveStartKey',
    init: search({ TableName: 'things' }),
    by: 'cursor',
    requests: 3,
    answer: ({ body }) => {
      const key = body['ExclusiveStartKey'] as { id: { N: string } } | undefined;
      if (Object.keys(body).some((name) => !['TableName', 'ExclusiveStartKey'].includes(name))) return refused;
      const at = Number(key?.id.N ?? 0);
      const last = next(at) === undefined ? {} : { LastEvaluatedKey: { id: { N: String(next(at)) } } };
      return { body: { Count: part(at).length, ScannedCount: part(at).length, Items: part(at), ...last } };
    },
  },
  {
    name: 'AWS: NextToken in the body, by POST',
    init: search({ MaxResults: size }),
    by: 'cursor',
    answer: ({ body }) => {
      if (Object.keys(body).some((name) => !['MaxResults', 'NextToken'].includes(name))) return refused;
      const at = offsetOf(body['NextToken']);
      return { body: { Items: part(at), NextToken: token(next(at)) ?? null } };
    },
  },
  {
    name: 'a cursor that a search takes deep in its body, where the caller has put one',
    init: search({ query: 'x', page: { cursor: null } }),
    by: 'cursor',
    requests: 3,
    answer: ({ body }) => {
      const at = offsetOf((body['page'] as { cursor?: unknown } | undefined)?.cursor);
      return { body: { rows: part(at), next_cursor: token(next(at)) ?? null } };
    },
  },
  {
    name: 'a cursor in the query of a POST',
    init: search({ filter: 'x' }),
    by: 'cursor',
    answer: ({ q, body }) => {
      if (Object.keys(body).join() !== 'filter') return refused;
      const at = offsetOf(q.get('cursor'));
      return { body: { rows: part(at), next_cursor: token(next(at)) ?? null } };
    },
  },
  {
    name: 'a cursor whose parameter cannot be guessed',
    by: { error: 'which parameter takes it cannot be told' },
    answer: ({ q }) => ({ body: { rows: part(offsetOf(q.get('fortsetzung'))), next_cursor: token(next(0)) } }),
  },
  {
    name: 'Dropbox: a cursor for another address',
    by: { error: 'which parameter takes it cannot be told' },
    init: search({ path: '' }),
    answer: ({ body }) =>
      Object.keys(body).length > 1 ? refused : { body: { entries: part(0), cursor: 'abc', has_more: true } },
  },
  {
    name: 'MediaWiki: continue',
    by: 'continuation',
    requests: 3,
    answer: ({ q }) => {
      const at = number(q.get('apcontinue'));
      const after = next(at);
      return {
        body: { query: { allpages: part(at) }, ...(after && { continue: { apcontinue: after, continue: '-||' } }) },
      };
    },
  },
  {
    name: 'Stripe: has_more and the last id',
    by: 'keyset',
    requests: 3,
    answer: ({ q }) => {
      const at = number(q.get('starting_after'));
      return { body: { object: 'list', url: '/v1/a', has_more: next(at) !== undefined, data: part(at) } };
    },
  },
  {
    name: 'GitLab: X-Next-Page beside X-Page and X-Total-Pages',
    by: 'header_cursor',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'), 1);
      const after = page < 3 ? String(page + 1) : '';
      const headers = { 'x-page': String(page), 'x-per-page': '10', 'x-total': '25', 'x-total-pages': '3' };
      return { body: part((page - 1) * size), headers: { ...headers, 'x-next-page': after } };
    },
  },
];
