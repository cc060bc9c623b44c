// Tables by row of a run that is cut short several times.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, from, take, throwError } from 'rxjs';
import { firstRows } from '../../lib/cli/first-rows.js';
import { restApi } from '../../lib/rest-api/index.js';
import { run as runChains } from '../../lib/table/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, pagesOf } from '../sinks/parquet-file.js';
import { scriptedSource } from './scripted-source.js';

describe('tables by row of a run that is cut short again and again', () => {
  const here = scriptedSource();

  it('have all their rows, also those of which no row came in between', async () => {
    const page = (...data: readonly object[]) => ({ body: { data } });
    const rows = (type: string, ...ids: readonly number[]) => page(...ids.map((id) => ({ id, type })));
    const failing = { status: 404 };
    const answers = [rows('pushes', 1, 2), failing, rows('pulls', 3, 4), failing, rows('stars', 5, 6), page()];
    const config = await here.config({ answers: { 'GET /events': answers } }, [
      {
        name: 'events',
        table_name: ({ type }) => String(type),
        endpoint: { data_selector: 'data', paginator: { type: 'offset', limit: 2, total_path: null } },
      },
    ]);
    const run = () => restApi(config).run({ out: here.out, checkpoint: { pages: 1 } });
    for (const attempt of ['first', 'second'])
      expect(await failureOf(run()), attempt).to.have.property('code', 'ERR_HTTP_STATUS');
    await run();
    const ids = async (table: string) =>
      (await firstRows(join(here.out, `${table}.parquet`), 99)).map(({ id }) => Number(id));
    expect([await ids('pushes'), await ids('pulls'), await ids('stars')]).to.deep.equal([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await readdir(here.out)).to.have.members(['pushes.parquet', 'pulls.parquet', 'stars.parquet']);
  });

  it('are read anew, with a note, when an older version has staged each of them by itself', async () => {
    const walk = concat(
      from(pagesOf([[{ id: 9 }], [{ id: 10 }]])).pipe(take(1)),
      throwError(() => new Error('cut short')),
    );
    const files = ['users', 'pushes', 'pulls'].map((table) => join(here.out, `${table}.parquet`));
    await failureOf(runChains(files.map((file) => walk.pipe(parquet(file)))));
    const data = (...rows: readonly object[]) => [{ body: { data: rows } }];
    const answers = { 'GET /events': data({ id: 1, type: 'pushes' }), 'GET /users': data({ id: 1 }) };
    const endpoint = { data_selector: 'data' };
    const config = await here.config({ answers }, [
      { name: 'events', table_name: { by: 'item.type', tables: ['pushes', 'pulls'] }, endpoint },
      { name: 'users', endpoint },
    ]);
    const { notes } = await restApi(config).run({ out: here.out });
    const stage = join(here.out, '.sluice', 'users.parquet+pushes.parquet+pulls.parquet');
    expect(notes[0]).to.have.property('resource', 'events');
    expect(notes[0]!.message).to.include(stage).and.to.include('remove that folder');
    expect((await firstRows(join(here.out, 'pushes.parquet'), 99)).map(({ id }) => Number(id))).to.deep.equal([1]);
    // Without it there is nothing to say.
    await rm(stage, { recursive: true });
    const again = await here.config({ answers }, config.resources);
    expect((await restApi(again).run({ out: here.out })).notes.map(({ message }) => message).join()).to.not.include(
      'older version',
    );
  });
});
