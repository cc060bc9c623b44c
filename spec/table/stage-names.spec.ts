// Tables whose names are those of what Sluice keeps in `.sluice` for itself.
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, from, throwError } from 'rxjs';
import { run } from '../../lib/table/index.js';
import { stageFolder } from '../../lib/table/layout.js';
import { parquet } from '../../sinks/index.js';
import { pagesOf, query } from '../sinks/parquet-file.js';

describe('a table that is called like what is kept beside its stage', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-stage-names-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const load = (table: string, ids: readonly number[]) =>
    run(from(pagesOf([ids.map((id) => ({ id }))], table)).pipe(parquet(join(out, table, '/'))));

  /** A run that fails when its rows have come, which stay in its stage. */
  const cutShort = (table: string, ids: readonly number[]) =>
    run(
      concat(
        from(pagesOf([ids.map((id) => ({ id }))], table)),
        throwError(() => new Error('cut short')),
      ).pipe(parquet(join(out, table, '/'))),
    ).catch((error: unknown) => error);

  it('keeps the cursors and the tokens: state', async () => {
    const kept = join(out, '.sluice', 'state');
    await mkdir(join(kept, 'tokens'), { recursive: true });
    await writeFile(join(kept, 'a.json'), '{}');
    await writeFile(join(kept, 'tokens', 'a.json'), '{}');
    await load('state', [1, 2]);
    expect((await readdir(kept, { recursive: true })).sort()).to.deep.equal([
      'a.json',
      'tokens',
      join('tokens', 'a.json'),
    ]);
    expect(await readFile(join(kept, 'a.json'), 'utf8')).to.equal('{}');
    expect(await query(`SELECT id::INTEGER AS id FROM '${out}/state/*.parquet'`)).to.deep.equal([{ id: 1 }, { id: 2 }]);
  });

  for (const name of ['x.drafts', 'x.damaged'])
    it(`keeps what is staged when the table beside it is loaded: ${name}`, async () => {
      expect(await cutShort(name, [1, 2])).to.have.property('message', 'cut short');
      const journal = join(stageFolder([join(out, name)]), 'journal.jsonl');
      const staged = await readFile(journal);
      // What is damaged of the other one is set aside, to a name of its own.
      await cutShort('x', [3]);
      await truncate(join(stageFolder([join(out, 'x')]), 't-x.000001.jsonl'), 1);
      await load('x', [3]);
      expect(await readFile(journal)).to.deep.equal(staged);
      await load(name, [1, 2]);
      expect(await query(`SELECT id::INTEGER AS id FROM '${out}/${name}/*.parquet'`)).to.deep.equal([
        { id: 1 },
        { id: 2 },
      ]);
      expect(await query(`SELECT id::INTEGER AS id FROM '${out}/x/*.parquet'`)).to.deep.equal([{ id: 3 }]);
    });

  it('has no stage where something else is', () => {
    for (const name of [
      'state',
      'State',
      'x.drafts',
      'x.damaged',
      'x.csv.table.json',
      '_manifest.json',
      '1.placing.json',
    ])
      expect(stageFolder([join(out, name)])).to.equal(join(out, '.sluice', `${name}@stage`));
    for (const name of ['states', 'state.parquet', 'drafts', 'x.parquet'])
      expect(stageFolder([join(out, name)])).to.equal(join(out, '.sluice', name));
  });
});
