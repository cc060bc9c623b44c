// TypeScript checks literal configurations: each line below a directive is an error, or this file does not compile.
import { expect } from 'chai';
import { type ResourceConfig, type RestApiConfig, restApi } from '../../lib/index.js';
import { problemsOf } from './problems.js';

const client = { base_url: 'https://api.example.com' };

const right: RestApiConfig = {
  client: {
    ...client,
    auth: { type: 'oauth2_client_credentials', access_token_url: 'https://a', client_id: 'i', client_secret: 's' },
    paginator: { type: 'page_number', base_page: 1, total_path: null },
    rate_limit: { requests: 5, concurrency: 2 },
  },
  resource_defaults: { primary_key: 'id', write_disposition: { disposition: 'merge', strategy: 'upsert' } },
  resources: [
    'users',
    {
      name: 'orders',
      on_error: { action: 'skip', max_failures: 3 },
      max_table_nesting: 2,
      sink: { format: 'parquet', compression: 'snappy' },
      processing_steps: [{ filter: (row) => row['id'] !== 0 }, { map: 'omit(item, ["x"])' }],
      endpoint: {
        path: 'users/{resources.users.id}/orders',
        paginator: { type: 'cursor', cursor_path: 'next' },
        incremental: {
          cursor_path: 'at',
          initial_value: '2024-01-01',
          window: 'day',
          per_parent: true,
          convert: (value) => Date.parse(String(value)),
        },
      },
    },
    {
      name: 'events',
      table_name: (row) => row['type'] as string,
      primary_key: (row) => (row['type'] === 'push' ? 'sha' : ['id', 'at']),
      merge_key: () => null,
      write_disposition: (row) => (row['type'] === 'log' ? 'append' : { disposition: 'merge', strategy: 'upsert' }),
      columns: (row) => ({ [String(row['key'])]: { data_type: 'text' } }),
      schema_contract: () => 'evolve',
      nested_hints: () => ({ lines: { columns: { x: { data_type: 'bigint' } } } }),
      max_table_nesting: (row) => (row['deep'] === true ? 2 : undefined),
    },
    { name: 'schemas', columns: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] } },
    { name: 'more', table_name: { by: (row) => `more_${String(row['type'])}` } },
  ],
};

const wrong: readonly ResourceConfig[] = [
  // @ts-expect-error a paginator's option that is not there
  { name: 'a', endpoint: { paginator: { type: 'offset', limit: 1, lmit: 2 } } },
  // @ts-expect-error a paginator without what it needs
  { name: 'a', endpoint: { paginator: { type: 'offset' } } },
  // @ts-expect-error a paginator that is not there
  { name: 'a', endpoint: { paginator: 'ofset' } },
  // @ts-expect-error an auth's option that is not there
  { name: 'a', endpoint: { auth: { type: 'bearer', tken: 'x' } } },
  // @ts-expect-error a text where a number belongs
  { name: 'a', endpoint: { max_pages: '5' } },
  // @ts-expect-error a window that is no size
  { name: 'a', endpoint: { incremental: { cursor_path: 'x', window: true } } },
  // @ts-expect-error a step that is not there
  { name: 'a', processing_steps: [{ fliter: 'true' }] },
  // @ts-expect-error a strategy that is not there
  { name: 'a', write_disposition: { disposition: 'merge', strategy: 'upset' } },
  // @ts-expect-error an option of a sink that is not there
  { name: 'a', sink: { compresion: 'zstd' } },
  // @ts-expect-error a hint that cannot be a function
  { name: 'a', table_name: (row) => row['type'] as string, null_keys: () => 'error' },
  // @ts-expect-error a type of a column that is not there
  { name: 'a', columns: { id: { data_type: 'bigintt' } } },
  // @ts-expect-error a type of a child's column that is not there
  { name: 'a', nested_hints: { lines: { columns: { id: { data_type: 'bigintt' } } } } },
  // @ts-expect-error a key that is not there
  { name: 'a', seleced: true },
];

/** What functions give is only known when a row comes. */
const wrongByRow: readonly ResourceConfig[] = [
  // @ts-expect-error a function of the row that gives no name of a table
  { name: 'a', table_name: () => 5 },
  // @ts-expect-error a function of the row that may give none
  { name: 'a', table_name: (row) => (row['type'] === 'push' ? 'pushes' : undefined) },
  // @ts-expect-error a function that waits for the name of a table
  { name: 'a', table_name: { by: async () => 'a' } },
  // @ts-expect-error a function of the row that gives no key
  { name: 'a', table_name: (row) => row['type'] as string, primary_key: () => 5 },
  // @ts-expect-error a function of the row that gives no disposition
  { name: 'a', table_name: (row) => row['type'] as string, write_disposition: () => 'merg' },
  // @ts-expect-error a function of the row that gives no columns
  { name: 'a', table_name: (row) => row['type'] as string, columns: () => 'id' },
  // @ts-expect-error a function of the row that gives a type which is not there
  { name: 'a', table_name: (row) => row['type'] as string, columns: () => ({ id: { data_type: 'bigintt' } }) },
  // @ts-expect-error a function that waits
  { name: 'a', table_name: (row) => row['type'] as string, primary_key: async () => 'id' },
];

describe('literal configurations', () => {
  it('are taken when TypeScript takes them', () => {
    expect(Object.keys(restApi(right).resources)).to.deep.equal(['users', 'orders', 'events', 'schemas', 'more']);
  });

  it('are refused by TypeScript where nothing else sees it before a row comes', () => {
    for (const resource of wrongByRow) expect(problemsOf({ client, resources: [resource] })).to.deep.equal([]);
  });

  it('are refused when TypeScript refuses them', () => {
    for (const resource of wrong)
      expect(problemsOf({ client, resources: [resource] }), JSON.stringify(resource)).to.have.length.above(0);
  });
});
