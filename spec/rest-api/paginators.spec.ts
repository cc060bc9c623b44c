// Every paginator by its name in a configuration, over real sockets: the same APIs that the paginators of the chain are tried on.
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import type { ParamValue, Request } from '../../lib/core/index.js';
import { registerPaginator } from '../../lib/pages/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { serve, type TestServer } from '../http/server.js';
import { type Api, all, part } from '../pages/api-style.js';
import { apisWithLinks } from '../pages/apis-with-links.js';
import { apisWithNumbers } from '../pages/apis-with-numbers.js';
import { WithHeaders } from '../pages/fake-api.js';

const configs: Readonly<Record<string, unknown>> = {
  'a link, absolute': 'json_link',
  'a link of OData, relative to the page': { type: 'json_link', next_url_path: '@odata.nextLink' },
  'a link that is empty at the end, after a POST': { type: 'json_link', next_url_path: 'links.next' },
  'a Link header': 'header_link',
  'a cursor in a header': { type: 'header_cursor', cursor_key: 'X-Next-Page', cursor_param: 'page' },
  'a cursor for the query': { type: 'cursor', cursor_path: 'meta.nextPageToken', cursor_param: 'pageToken' },
  'a cursor whose parameter has an unlikely name': {
    type: 'cursor',
    cursor_path: 'next',
    cursor_param: 'starting_after',
  },
  'a cursor for the body': {
    type: 'cursor',
    cursor_path: 'paging.cursor',
    cursor_body_path: 'page.after',
    has_more_path: 'paging.more',
  },
  'a cursor for the top of the body': { type: 'cursor', cursor_path: 'next_cursor', cursor_body_path: 'cursor' },
  'a cursor that is a list': {
    type: 'cursor',
    cursor_path: 'hits.hits[-1].sort',
    cursor_body_path: 'search_after',
    stop_after_empty_page: true,
  },
  'the key of the last record': { type: 'keyset', key_path: 'id', key_param: 'since' },
  'the key of the last record, and a word for more': {
    type: 'keyset',
    key_path: 'id',
    key_param: 'starting_after',
    has_more_path: 'has_more',
  },
  'an object to continue with': 'continuation',
  'Range and Content-Range': { type: 'content_range', limit: 10 },
  'Range and Content-Range without a unit and without a total': { type: 'content_range', limit: 10, format: 'bare' },
  'a GraphQL connection': { type: 'graphql', connection_path: 'data.viewer.repos', variable: 'cursor' },
  'offset and limit, repeated by the page': { type: 'offset', limit: 10, total_path: 'total_count' },
  'startAt and maxResults': { type: 'offset', limit: 10, offset_param: 'startAt', limit_param: 'maxResults' },
  'offset and limit in the body': {
    type: 'offset',
    limit: 10,
    offset_body_path: 'page.offset',
    limit_body_path: 'page.limit',
  },
  'page numbers from 1, repeated by the page': { type: 'page_number', base_page: 1, total_path: 'meta.pages' },
  'page numbers without a total': { type: 'page_number', base_page: 1, page_param: 'p' },
  'page numbers with a size and a total of records': {
    type: 'page_number',
    base_page: 1,
    total_records_path: 'total',
    page_size: 10,
  },
  'page numbers with a word for the last': { type: 'page_number', total_path: null, is_last_path: 'meta.last' },
  'page numbers in the body, and a word for more': {
    type: 'page_number',
    base_page: 1,
    page_body_path: 'page',
    has_more_path: 'has_more',
  },
};

/** Braces in texts are placeholders, unless they are doubled. */
const escaped = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner) => (typeof inner === 'string' ? inner.replace(/[{}]/g, '$&$&') : inner));

describe('the paginators of a configuration', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.close());

  const start = async (answer: Api['answer']) => {
    server = await serve((incoming, response, text) => {
      const url = new URL(incoming.url!, `http://${incoming.headers.host}`);
      const params = Object.fromEntries(url.searchParams) as Record<string, ParamValue>;
      const body = text === '' ? {} : { body: { kind: 'json' as const, value: JSON.parse(text) } };
      const headers = incoming.headers as Record<string, string>;
      const request: Request = { method: incoming.method!, url: url.href, params, headers, ...body };
      const given = answer(request, url.searchParams);
      const {
        body: value,
        headers: more,
        more: rest,
      } = given instanceof WithHeaders ? given : new WithHeaders(given, {});
      response.writeHead(rest.status ?? 200, { 'content-type': 'application/json', ...more });
      response.end(JSON.stringify(value).replaceAll('https://api.test', url.origin));
    });
    return server;
  };
  const read = async (endpoint: object) => {
    const source = restApi({
      client: { base_url: server!.url },
      resources: [{ name: 'a', endpoint: { retry: { max_retries: 0 }, ...endpoint } }],
    } as RestApiConfig);
    const chunks = await lastValueFrom(source.resources['a']!.pipe(toArray()));
    return chunks.flatMap(({ rows }) => rows);
  };
  const ids = (rows: readonly unknown[]) => rows.map((row) => Number((row as { id: unknown }).id));
  const everyId = all.map(({ id }) => id);

  for (const { name, init = '/a', answer, requests } of [...apisWithLinks, ...apisWithNumbers]) {
    const paginator = configs[name];
    if (paginator === undefined) continue;
    it(`read all: ${name}`, async () => {
      const { requests: asked } = await start(answer);
      const { url, method, params, body } =
        typeof init === 'string' ? ({ url: init } as Exclude<typeof init, string>) : init;
      const [path, query = ''] = url.split('?');
      const json = body?.kind === 'json' ? { json: escaped(body.value) } : {};
      const endpoint = {
        path: path!.slice(1),
        ...(method && { method }),
        params: { ...params, ...Object.fromEntries(new URLSearchParams(query)) },
      };
      expect(ids(await read({ ...endpoint, ...json, paginator }))).to.deep.equal(everyId);
      expect(asked).to.have.length(requests);
    });
  }

  it('are all tried', () => {
    const names = [...apisWithLinks, ...apisWithNumbers].map((api) => api.name);
    expect(Object.keys(configs).filter((name) => !names.includes(name))).to.deep.equal([]);
  });

  it('may be registered', async () => {
    registerPaginator('by_letter', {
      options: ['letters'],
      required: ['letters'],
      make: ({ letters }) => ({
        name: 'by_letter',
        initial: () => 0,
        request: (base, at) => ({ ...base, params: { ...base.params, letter: String(letters)[Number(at)]! } }),
        next: (_, at) => (Number(at) + 1 < String(letters).length ? Number(at) + 1 : null),
      }),
    });
    await start((_, q) => part(['a', 'b', 'c'].indexOf(q.get('letter')!) * 10));
    expect(ids(await read({ paginator: { type: 'by_letter', letters: 'abc' } }))).to.deep.equal(everyId);
  });

  it('take pages with the same records where the endpoint allows it, and only there', async () => {
    await start((_, q) => (Number(q.get('page')) < 3 ? [{ id: 1 }, { id: 2 }] : []));
    const endpoint = { paginator: { type: 'page_number', total_path: null } };
    expect(await read({ ...endpoint, allow_repeated_pages: true })).to.have.length(6);
    const error = await read(endpoint).catch((reason) => reason);
    expect(error).to.include({ code: 'ERR_PAGINATION_LOOP' });
    expect(error.message).to.include('page=0').and.include('page=1').and.include('allow_repeated_pages');
  });

  it('go on past empty pages up to the total of dlt, which is looked for by itself', async () => {
    const { requests: asked } = await start((_, q) => {
      const at = Number(q.get('offset'));
      return { data: at === 10 ? [] : part(at), total: 25 };
    });
    const paginator = { type: 'offset', limit: 10, stop_after_empty_page: false };
    expect(ids(await read({ paginator }))).to.deep.equal([...everyId.slice(0, 10), ...everyId.slice(20)]);
    expect(asked).to.have.length(3);
  });
});
