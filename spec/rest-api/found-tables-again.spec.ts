// Tables by row of a run that is cut short several times.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { restApi } from '../../lib/rest-api/index.js';
import { failureOf } from '../sinks/parquet-file.js';
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
});
