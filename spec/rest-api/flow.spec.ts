// How what a configuration asks for finds the flow of its run: at no price where it is nothing but values.
import { expect } from 'chai';
import type { Progress, Row } from '../../lib/core/index.js';
import { bearer, offset, registerAuth, registerPaginator } from '../../lib/index.js';
import { type ResourceConfig, type RestApiConfig, type RestApiOptions, restApi } from '../../lib/rest-api/index.js';
import { asyncContextsOf } from '../core/async-contexts.js';
import type { Answer } from '../golden/scripted-api.js';
import { scriptedSource } from './scripted-source.js';

describe('the flow of a configuration', () => {
  const place = scriptedSource();
  const listing = (key: number) => ({
    records: [1, 2, 3].map((id) => ({ id: key * 10 + id, type: id % 2 ? 'odd' : 'even', day: `2024-01-0${id}` })),
    by: 'offset' as const,
    total: 'total',
  });
  const listings = Object.fromEntries([
    ['GET /posts', listing(0)],
    ['GET /events', listing(0)],
    ...[1, 2, 3].map((id) => [`GET /posts/${id}/comments`, listing(id)] as const),
  ]);
  const posts = { name: 'posts' };
  const comments = {
    name: 'comments',
    endpoint: { path: 'posts/{resources.posts.id}/comments' },
    include_from_parent: ['id'],
  };

  const source = (
    resources: readonly object[],
    client: object = {},
    answers: Record<string, Answer | readonly Answer[]> = {},
  ): Promise<RestApiConfig> =>
    place.config(
      { answers, listings },
      resources.map((resource) => {
        const { endpoint = {}, ...others } = resource as { readonly endpoint?: object };
        return { primary_key: 'id', ...others, endpoint: { data_selector: 'data', ...endpoint } } as ResourceConfig;
      }),
      { paginator: { type: 'offset', limit: 2 }, retry: { initial_delay: 0, max_retries: 1 }, ...client },
    );

  /** What the run asks for by what its resources' flows were told, beside what the API was asked; and what it costs all promises. */
  async function run(config: RestApiConfig, options: RestApiOptions = {}) {
    const events: [string | undefined, Progress][] = [];
    const onProgress = (resource: string | undefined, event: Progress) => events.push([resource, event]);
    const contexts = await asyncContextsOf(() => restApi(config, options).run({ out: place.out, onProgress }));
    const told = events.flatMap(([resource, event]) =>
      event.type === 'request' ? [`${resource}: ${event.method} ${new URL(event.url).pathname}`] : [],
    );
    const nameOf = (path: string) => path.split('/').at(-1);
    const asked = place.api!.asked.map(({ line }) => line.split('?')[0]!).filter((line) => line !== 'POST /token');
    expect(told.sort()).to.deep.equal(asked.map((line) => `${nameOf(line)}: ${line}`).sort());
    return { contexts, asked, events };
  }

  const plain: Readonly<Record<string, () => Promise<RestApiConfig>>> = {
    'of resources that depend on each other': () => source([posts, comments]),
    'of one that is asked for with rows of several': () =>
      source([
        posts,
        { name: 'events' },
        { name: 'comments', endpoint: { path: 'posts/{resources.posts.id}/comments?of={resources.events.id}' } },
      ]),
    'of a parent without a table': () => source([{ ...posts, selected: false }, comments]),
    'with failures that pass': () =>
      source(
        [posts, comments],
        {},
        { 'GET /posts?limit=2&offset=2': [{ status: 503 }, { body: { data: [], total: 3 } }] },
      ),
    'with rows that are left out': () =>
      source([posts, { ...comments, on_error: 'skip' }], {}, { 'GET /posts/2/comments': { status: 404 } }),
    'with steps, and a cursor in slices': () =>
      source([
        {
          name: 'events',
          processing_steps: [{ filter: 'item.id != 2' }, { map: '{"id": item.id, "day": item.day}' }],
          endpoint: {
            incremental: {
              cursor_path: 'day',
              initial_value: '2024-01-01',
              end_value: '2024-01-04',
              window: '1 day',
              start_param: 'from',
            },
          },
        },
      ]),
    'of tables that rows name': () => source([{ name: 'events', table_name: { by: 'item.type' } }]),
    'with limits, credentials and response actions': () =>
      source([
        {
          ...posts,
          endpoint: { rate_limit: { concurrency: 1 }, response_actions: [{ status_code: 404, action: 'ignore' }] },
        },
        { name: 'events', endpoint: { auth: { type: 'bearer', token: 'secret' } } },
      ]),
    'with a token that is fetched': async () => {
      const token = { body: { access_token: 'token', refresh_token: 'next', token_type: 'bearer', expires_in: 60 } };
      const config = await source([posts], {}, { 'POST /token': token });
      const auth = {
        type: 'oauth2_refresh_token',
        access_token_url: `${config.client.base_url}/token`,
        client_id: 'me',
        client_secret: 'secret',
        refresh_token: 'first',
      };
      return { ...config, client: { ...config.client, auth } } as RestApiConfig;
    },
    'with a paginator and credentials of this package as objects': () =>
      source([posts], { paginator: offset({ limit: 2 }), auth: bearer('secret') }),
  };
  for (const [name, config] of Object.entries(plain)) {
    it(`${name} is found by each request, and costs no promise anything`, async () => {
      const { contexts, asked } = await run(await config());
      expect(contexts).to.equal(0);
      expect(asked).not.to.deep.equal([]);
    });
  }

  it('is told of a row that is left out by the resource that leaves it out', async () => {
    const missing = { name: 'comments', endpoint: { path: 'posts/{resources.posts.none}/comments' }, on_error: 'skip' };
    const { events } = await run(await source([posts, missing]));
    const notes = events.flatMap(([resource, event]) =>
      event.type === 'note' && event.message.startsWith('left out') ? [resource] : [],
    );
    expect(notes).to.deep.equal(['comments', 'comments', 'comments']);
  });

  registerPaginator('spec_flow_pages', {
    options: [],
    make: () => ({ ...offset({ limit: 2 }), name: 'spec_flow_pages' }),
  });
  registerAuth('spec_flow_auth', () => (request) => request);
  const identity = <T>(value: T): T => value;
  const incremental = { cursor_path: 'id', initial_value: 0, start_param: 'from' };
  const withCode: Readonly<Record<string, () => Promise<RestApiConfig>>> = {
    'a step': () => source([{ ...posts, processing_steps: [{ map: identity }] }]),
    'a step of another resource': () => source([posts, { ...comments, processing_steps: [{ filter: () => true }] }]),
    'the name of its table': () => source([{ ...posts, table_name: ({ type }: Row) => type }]),
    'a hint': () => source([{ ...posts, table_name: { by: 'item.type' }, primary_key: () => 'id' }]),
    'a response action': () => source([{ ...posts, endpoint: { response_actions: [identity] } }]),
    'the conversion of its cursor': () =>
      source([{ ...posts, endpoint: { incremental: { ...incremental, convert: identity } } }]),
    'the order of its cursor': () =>
      source([
        {
          ...posts,
          endpoint: { incremental: { ...incremental, last_value_func: (values: number[]) => Math.max(...values) } },
        },
      ]),
    'its credentials': () => source([posts], { auth: identity }),
    'credentials of a name of the program': () => source([posts], { auth: { type: 'spec_flow_auth' } }),
    'its paginator': () => source([posts], { paginator: { ...offset({ limit: 2 }) } }),
    'a paginator of a name of the program': () => source([posts], { paginator: 'spec_flow_pages' }),
  };
  for (const [name, config] of Object.entries(withCode)) {
    it(`is kept for later where ${name} is a function`, async () => {
      const { contexts } = await run(await config());
      expect(contexts).to.be.greaterThan(0);
    });
  }

  it('is kept for later where the transport is one of the program', async () => {
    const { contexts } = await run(await source([posts]), { fetch: fetch as never });
    expect(contexts).to.be.greaterThan(0);
  });
});
