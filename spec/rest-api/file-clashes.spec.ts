// Resources that would write into each other's files are problems of the configuration.
import { expect } from 'chai';
import { problemsOf } from './problems.js';

describe('the files of resources', () => {
  const client = { base_url: 'https://api.example.com', paginator: 'single_page' };
  const places = (...resources: readonly object[]) =>
    problemsOf({ client, resources }).map(({ code, path }) => `${code} ${path}`);

  it('are dead letters of one resource each', () => {
    const [first, second] = problemsOf({
      client,
      resource_defaults: { dead_letters: 'letters.jsonl' },
      resources: ['a', 'b', { name: 'c', dead_letters: './letters.jsonl' }],
    });
    expect(first).to.include({ code: 'conflict', path: 'resources[1].dead_letters' });
    expect(first?.message).to.match(/letters\.jsonl.*dead letters of "b".*dead letters of "a"/);
    expect(second).to.include({ path: 'resources[2].dead_letters' });
  });

  it('are no table where the dead letters of another are, also of a table in a folder', () => {
    const jsonl = { sink: { format: 'jsonl' } };
    const letters = { dead_letters: true };
    expect(places({ name: 'x', ...letters }, { name: 'x.dead', ...jsonl })).to.deep.equal(['conflict resources[1]']);
    expect(places({ name: 'x.dead', ...jsonl }, { name: 'x', ...letters })).to.deep.equal([
      'conflict resources[1].dead_letters',
    ]);
    expect(places({ name: 'a/x', ...letters }, { name: 'a/a_x.dead', ...jsonl })).to.have.length(1);
    // A file system may take names that differ in case alone for one.
    expect(places({ name: 'x', ...letters }, { name: 'X.dead', ...jsonl })).to.deep.equal(['conflict resources[1]']);
    const byRow = { name: 'events', table_name: { by: 'item.type', tables: ['x', 'y'] }, ...letters };
    expect(places(byRow, { name: 'y.dead', ...jsonl })).to.have.length(1);
  });

  it('are no table where it is written what was left out of another', () => {
    const child = { name: 'x', endpoint: { path: 'users/{resources.users.id}' }, on_error: 'skip' };
    expect(places('users' as never, child, { name: 'x.left_out', sink: { format: 'jsonl' } })).to.deep.equal([
      'conflict resources[2]',
    ]);
    const whole = { ...child, on_error: 'fail' };
    expect(places('users' as never, whole, { name: 'x.left_out', sink: { format: 'jsonl' } })).to.deep.equal([]);
  });

  it('may be beside each other', () => {
    const jsonl = { sink: { format: 'jsonl' }, dead_letters: true };
    expect(
      places({ name: 'x', ...jsonl }, { name: 'y', ...jsonl }, { name: 'x.dead' }, { name: 'z', dead_letters: 'z.l' }),
    ).to.deep.equal([]);
    expect(places({ name: 'x', dead_letters: true }, { name: 'x.dead', ...jsonl, selected: false })).to.deep.equal([]);
  });
});
