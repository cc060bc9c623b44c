// Hints that are functions of the row, before a row comes: what the check says of them, and what is shown.
import { expect } from 'chai';
import type { Row } from '../../lib/core/index.js';
import { type ResourceConfig, restApi } from '../../lib/rest-api/index.js';
import { problemsOf } from './problems.js';

describe('hints that are functions of the row, before one comes', () => {
  const client = { base_url: 'https://x.example' };
  const push = (sha: string) => ({ type: 'push', sha });
  const user = (id: number) => ({ type: 'user', id });
  const events: ResourceConfig = {
    name: 'events',
    table_name: (row: Row) => row['type'] as string,
    primary_key: ({ type }: Row) => (type === 'push' ? 'sha' : 'id'),
    write_disposition: ({ type }: Row) => (type === 'push' ? 'merge' : 'append'),
  };

  it('need tables that are named by row, as in dlt: else the check says so', () => {
    const hint = () => 'zq-17';
    const names = ['primary_key', 'merge_key', 'write_disposition', 'columns', 'schema_contract', 'nested_hints'];
    const hints = Object.fromEntries([...names, 'max_table_nesting', 'file_format'].map((name) => [name, hint]));
    const problems = problemsOf({ client, resources: [{ name: 'a', ...hints }], resource_defaults: { columns: hint } });
    expect(problems.map(({ code, path, found }) => `${code} ${path} ${found}`)).to.have.members(
      Object.keys(hints).map((name) => `conflict resources[0].${name} a function`),
    );
    expect(problems[0]?.message).to.contain('name the table by row, too');
    expect(problems.map(({ message }) => message).join()).to.not.include('zq-17');
    const inherited = problemsOf({ client, resources: ['a', 'b'], resource_defaults: { columns: hint } });
    expect(inherited.map(({ path }) => path)).to.deep.equal(['resource_defaults.columns']);
    const named = [{ name: 'a', table_name: hint, ...hints }];
    expect(problemsOf({ client, resources: named })).to.deep.equal([]);
  });

  it('are looked at with a page alone, as a run would', () => {
    const { tablesOf } = restApi({ client, resources: [events] });
    const one = { rows: [push('a'), user(1), push('b')], position: { walk: '', page: 0, next: null }, bytes: 0 };
    const divided = [...tablesOf('events', one)].map(([table, rows]) => [table, rows.length]);
    expect(divided).to.deep.equal([
      ['push', 2],
      ['user', 1],
    ]);
    expect(() => tablesOf('events', { ...one, rows: [{ type: '' }] }))
      .to.throw()
      .with.property('code', 'ERR_TABLE_NAME');
  });

  it('hide nothing that is wrong whatever they give', () => {
    const resource = { name: 'a', table_name: { by: 'item.type' }, delete_missing: 'hard', max_table_nesting: () => 1 };
    expect(() => restApi({ client, resources: [resource as ResourceConfig] })).to.throw('delete_missing');
    const merged = { ...resource, primary_key: () => 'id', write_disposition: () => 'merge' } as ResourceConfig;
    expect(() => restApi({ client, resources: [merged] })).to.not.throw();
  });

  it('are shown by explain, without their text', () => {
    const text = restApi({ client, resources: [events] }).explain();
    expect(text).to.contain(
      '/* each row to the table that it names, with its write_disposition, with its primary_key */',
    );
  });
});
