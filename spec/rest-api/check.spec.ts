import { expect } from 'chai';
import { nearest } from '../../lib/core/nearest.js';
import { ConfigError, pathText } from '../../lib/rest-api/check/problem.js';
import { problemsOf, source } from './problems.js';

describe('the check of a configuration', () => {
  it('finds nothing wrong with the shortest configuration', () => {
    expect(problemsOf(source({ resource: 'projects' }))).to.deep.equal([]);
  });

  it('names the nearest valid key for an unknown one', () => {
    const [problem, ...others] = problemsOf(source({ client: { pagniator: 'auto' } }));
    expect(others).to.deep.equal([]);
    expect(problem).to.include({ code: 'unknown-key', path: 'client.pagniator', found: '"pagniator"' });
    expect(problem?.message).to.contain('did you mean "paginator"?');
    expect(problem?.allowed?.split(', ')).to.include('base_url');
  });

  it('says where a key belongs that stands in the wrong part', () => {
    const messages = problemsOf({
      client: { base_url: 'https://api.example.com', paginator: 'single_page', params: {}, resource_defaults: {} },
      resources: [
        {
          name: 'projects',
          paginator: 'auto',
          cursor_path: 'at',
          endpoint: { processing_steps: [], primary_key: 'id', partition_by: 'at' },
        },
      ],
    }).map(({ path, message }) => `${path} ${message}`);
    const at = (path: string, where: string) => `${path} is no key of this place; it belongs ${where}`;
    expect(messages).to.have.members([
      at('client.params', 'in "endpoint"'),
      at('client.resource_defaults', 'at the top, beside "client"'),
      at('resources[0].paginator', 'in "client" or in "endpoint"'),
      at('resources[0].cursor_path', 'in "incremental" or in "paginator"'),
      at('resources[0].endpoint.processing_steps', 'on the resource, beside "endpoint"'),
      at('resources[0].endpoint.primary_key', 'on the resource, beside "endpoint" or in "incremental"'),
      at('resources[0].endpoint.partition_by', 'in "sink"'),
    ]);
  });

  it('refuses options of a sink that its format does not have', () => {
    const sinks = [
      { format: 'csv', database: 'shop.duckdb', schema: 'raw' },
      { format: 'duckdb', partition_by: 'at', database: 'shop.duckdb', memory_limit: '1GB' },
      { format: 'parquet', batch_rows: 5, compression: 'zstd' },
      { format: 'jsonl.gz', layout: 'file' },
      { database: 'shop.duckdb' },
    ];
    const problems = problemsOf({
      client: { base_url: 'https://api.example.com' },
      resources: sinks.map((sink, index) => ({ name: `r${index}`, sink })),
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.have.members([
      'conflict resources[0].sink.database',
      'conflict resources[0].sink.schema',
      'conflict resources[1].sink.partition_by',
      'conflict resources[2].sink.batch_rows',
    ]);
    expect(problems[0]?.message).to.equal('is for the format duckdb, and "format" is "csv"');
  });

  it('refuses names of tables that lead out of their folder, or that can be no file', () => {
    const problems = problemsOf({
      client: { base_url: 'https://api.example.com' },
      resources: [
        '../etc/passwd',
        { name: 'a', table_name: 'x/../../y' },
        { name: 'b', table_name: { by: 'item.type', tables: ['fine', '..'] } },
        { name: 'c\0' },
        { name: 'd'.repeat(300) },
        { name: '.sluice/state/e' },
        { name: '../only/a/parent', selected: false },
        'users/repos',
        'v1.2',
      ],
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.have.members([
      'wrong-value resources[0]',
      'wrong-value resources[1].table_name',
      'wrong-value resources[2].table_name.tables[1]',
      'wrong-value resources[3].name',
      'wrong-value resources[4].name',
      'wrong-value resources[5].name',
    ]);
  });

  it('refuses tables whose names differ in case alone: a database takes them for one', () => {
    const problems = problemsOf({
      client: { base_url: 'https://api.example.com' },
      resources: ['Users', 'users', { name: 'USERS', selected: false }],
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.deep.equal(['duplicate resources[1]']);
    expect(problems[0]?.message).to.contain('resources[0] writes the table "users" as well');
  });

  it('refuses resources that share a cursor and do not mean the same by it', () => {
    const one = (name: string, incremental: object) => ({ name, endpoint: { incremental } });
    const problems = problemsOf({
      client: { base_url: 'https://api.example.com' },
      resources: [
        one('a', { cursor_path: 'at', shared_as: 'changes' }),
        one('b', { cursor_path: 'at', shared_as: 'changes' }),
        one('c', { cursor_path: 'id', shared_as: 'changes' }),
        one('d', { cursor_path: 'at', shared_as: 'changes', last_value_func: 'min' }),
        one('e', { cursor_path: 'id', shared_as: 'other' }),
      ],
    });
    expect(problems.map(({ path }) => path)).to.deep.equal([
      'resources[2].endpoint.incremental.shared_as',
      'resources[3].endpoint.incremental.shared_as',
    ]);
    expect(problems[0]?.message).to.contain('"a", whose cursor is "at" (max) and not "id" (max)');
  });

  it('reports every problem at once, each with its path', () => {
    const problems = problemsOf({
      client: { base_url: 'api.example.com', headers: { accept: 1 } },
      resource_defaults: { primry_key: 'id' },
      resources: [
        'a',
        'a',
        { name: 'b', endpoint: { paginator: { type: 'offset', limit: 0 } } },
        { name: 'c', endpoint: { path: '{org}/repos' } },
        { endpoint: 'x' },
        7,
      ],
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.have.members([
      'wrong-type client.headers.accept',
      'unknown-key resource_defaults.primry_key',
      'duplicate resources[1]',
      'wrong-value resources[2].endpoint.paginator.limit',
      'placeholder resources[3].endpoint.path',
      'missing-key resources[4].name',
      'wrong-type resources[5]',
    ]);
  });

  it('says what was found and what is allowed', () => {
    const [problem] = problemsOf(source({ endpoint: { paginator: { type: 'offset', limit: '100' } } }));
    expect(problem).to.deep.equal({
      code: 'wrong-type',
      path: 'resources[0].endpoint.paginator.limit',
      found: '"100"',
      allowed: 'a number',
      message: 'is "100"; expected a number',
    });
  });

  it('shows the problems of the branch that was meant, not of all that could have been', () => {
    const [problem, ...others] = problemsOf(source({ endpoint: { paginator: { type: 'ofset', limit: 5 } } }));
    expect(others).to.deep.equal([]);
    expect(problem).to.include({ code: 'wrong-value', path: 'resources[0].endpoint.paginator.type', found: '"ofset"' });
    expect(problem?.message).to.contain('did you mean "offset"?');
  });

  it('takes an auth without a type for a bearer token, as dlt does', () => {
    expect(problemsOf(source({ client: { auth: { token: 'x' } } }))).to.deep.equal([]);
    const [problem] = problemsOf(source({ client: { auth: { tokn: 'x', token: 'y' } } }));
    expect(problem).to.include({ code: 'unknown-key', path: 'client.auth.tokn' });
  });

  it('finds what is wrong beside a key that is not there, and knows resources that have other problems', () => {
    const problems = problemsOf({
      client: { base_url: 'https://api.example.com' },
      resources: [
        { name: 'a', seleced: true, endpoint: { incremental: { cursor_path: 'x', window: 'day' } } },
        { name: 'b', endpoint: { max_pages: 'two' } },
        { name: 'c', endpoint: '{resources.b.id}/x' },
      ],
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.have.members([
      'unknown-key resources[0].seleced',
      'missing-key resources[0].endpoint.incremental.initial_value',
      'wrong-type resources[1].endpoint.max_pages',
    ]);
  });

  it('refuses what dlt has and Sluice does not have yet, and says so', () => {
    for (const [key, value] of Object.entries({ parent_table_name: 'x', references: [] })) {
      const [problem] = problemsOf(source({ resource: { name: 'a', [key]: value } }));
      expect(problem, key).to.include({ code: 'unsupported', path: `resources[0].${key}` });
      expect(problem?.message, key).to.contain('not supported yet');
    }
  });

  it('says where a function is none of a row, and shows none of its text', () => {
    const path = () => 'zq-17';
    const [problem] = problemsOf(source({ resource: { name: 'a', endpoint: { path } } }));
    expect(problem).to.include({ code: 'wrong-type', path: 'resources[0].endpoint.path', found: 'a function' });
    expect(problem?.message).to.not.include('zq-17');
  });

  it('asks for the limit of an offset paginator that is given by its name alone', () => {
    const [problem] = problemsOf(source({ client: { paginator: 'offset' } }));
    expect(problem).to.include({ code: 'missing-key', path: 'client.paginator' });
    expect(problem?.message).to.contain('"limit"');
  });

  it('refuses a paginator that could never stop', () => {
    const endless = { type: 'offset', limit: 5, total_path: null, stop_after_empty_page: false };
    const [problem] = problemsOf(source({ endpoint: { paginator: endless } }));
    expect(problem?.path).to.equal('resources[0].endpoint.paginator.stop_after_empty_page');
    expect(problem?.message).to.contain('total_path');
    expect(problemsOf(source({ endpoint: { paginator: { ...endless, maximum_offset: 50 } } }))).to.deep.equal([]);
  });

  it('refuses a parameter and a place in the body for the same', () => {
    const paginator = { type: 'page_number', page_param: 'p', page_body_path: 'page' };
    expect(problemsOf(source({ endpoint: { paginator } }))).to.have.length(1);
  });

  it('refuses a JSONPath that cannot be read', () => {
    const [problem] = problemsOf(source({ endpoint: { data_selector: 'data[' } }));
    expect(problem).to.include({ code: 'wrong-value', path: 'resources[0].endpoint.data_selector' });
  });

  it('refuses two resources that write the same table', () => {
    const config = { ...source({}), resources: ['a', { name: 'b', table_name: 'a' }] };
    expect(problemsOf(config).map(({ code, path }) => `${code} ${path}`)).to.deep.equal([
      'duplicate resources[1].name',
    ]);
  });

  it('says once that a paginator has no such option', () => {
    const paginator = { type: 'cursor', cursor_path: 'next', cursor_parm: 'page' };
    const problems = problemsOf(source({ client: { paginator } }));
    expect(problems.map(({ code, path, message }) => [code, path, message])).to.deep.equal([
      ['unknown-key', 'client.paginator.cursor_parm', 'is no known key; did you mean "cursor_param"?'],
    ]);
  });

  it('says one thing of one place', () => {
    const problems = problemsOf(source({ endpoint: { data_selector: [] } }));
    expect(problems.map(({ path, message }) => [path, message])).to.deep.equal([
      ['resources[0].endpoint.data_selector', 'is an empty list; expected at least one entry'],
    ]);
  });

  it('never shows a secret', () => {
    const config = source({
      client: { auth: { type: 'api_key', api_key: ['s3cret-value'] }, headers: { 'X-Api-Key': 12345678 } },
      endpoint: { params: { token: { is: 's3cret-value' } } },
    });
    const problems = problemsOf(config);
    expect(problems).to.have.length(3);
    expect(new ConfigError(problems).message).to.not.match(/s3cret-value|12345678/);
  });

  it('does not fail on anything that is no configuration', () => {
    for (const nonsense of [null, undefined, 1, 'x', [], {}, { resources: {} }, { client: null, resources: [null] }]) {
      expect(problemsOf(nonsense).length, JSON.stringify(nonsense)).to.be.greaterThan(0);
    }
  });
});

describe('nearest', () => {
  it('takes a swap, a missing and a doubled letter for the word that was meant', () => {
    const known = ['paginator', 'params', 'path', 'primary_key'];
    expect(nearest('pagniator', known)).to.equal('paginator');
    expect(nearest('primry_key', known)).to.equal('primary_key');
    expect(nearest('parrams', known)).to.equal('params');
    expect(nearest('primary-key', known)).to.equal('primary_key');
  });

  it('finds nothing where nothing is near', () => {
    expect(nearest('zzzzzz', ['paginator', 'params'])).to.equal(undefined);
  });
});

describe('pathText', () => {
  it('writes names, indexes and names that are no identifiers', () => {
    expect(pathText(['resources', 0, 'endpoint', '@odata.next'])).to.equal('resources[0].endpoint["@odata.next"]');
  });
});
