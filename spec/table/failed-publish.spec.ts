// A publish that fails: nothing of the run goes on behind it, in a stage that is another run's by then.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from } from 'rxjs';
import { files } from '../../lib/stage/index.js';
import { run } from '../../lib/table/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, pagesOf, readRows } from '../sinks/parquet-file.js';

describe('a publish that fails', () => {
  let folder: string;
  const { open } = files;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-failed-publish-'));
  });
  afterEach(async () => {
    files.open = open;
    await rm(folder, { recursive: true, force: true });
  });

  it('stops the seals of all tables, and the next run publishes what was staged', async () => {
    const rows = (page: number) =>
      Array.from({ length: 50 }, (_, index) => ({ id: page * 50 + index, text: 'x'.repeat(50) }));
    const load = () =>
      run(
        ['a', 'b'].map((name) => {
          const pages = pagesOf(
            Array.from({ length: 40 }, (_, page) => rows(page)),
            name,
          );
          return from(pages).pipe(parquet(join(folder, `${name}.parquet`), { checkpoint: { pages: 2 } }));
        }),
        { segmentBytes: 1000 },
      );
    files.open = async (path, ...more) => {
      if (String(path).endsWith('.a.parquet.draft'))
        throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC', syscall: 'open' });
      return await open(path, ...more);
    };
    expect(await failureOf(load())).to.include({ code: 'ERR_TABLE_WRITE' });
    const stage = join(folder, '.sluice', 'a.parquet+b.parquet');
    const left = await readdir(stage);
    expect(left.filter((name) => !/^(journal|load|t-[ab]\.\d+)\.jsonl$/.test(name))).to.deep.equal([]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await readdir(stage)).to.deep.equal(left);

    files.open = open;
    await load();
    for (const name of ['a', 'b'])
      expect((await readRows(join(folder, `${name}.parquet`), 'id')).map(({ id }) => Number(id))).to.deep.equal([
        ...Array(2000).keys(),
      ]);
    expect((await readdir(folder)).sort()).to.deep.equal(['a.parquet', 'b.parquet']);
  });
});
