// The beginning of a new file that is copied early: the file is the same as without it, whatever is made of it, and nothing stays under way.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import fc from 'fast-check';
import { assemble, type Part } from '../../../lib/table/splice/assemble.js';
import { Beginning } from '../../../lib/table/splice/beginning.js';
import { type Footer, readFooter } from '../../../lib/table/splice/footer.js';

describe('the beginning of a file', () => {
  const { signal } = new AbortController();
  let folder: string;
  let published: Footer;
  let written: Footer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-beginning-'));
    published = await made('published.parquet', 20_000);
    written = await made('written.parquet', 5000);
  });
  after(() => rm(folder, { recursive: true }));

  async function made(name: string, rows: number): Promise<Footer> {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const file = join(folder, name);
    await connection.run(
      `COPY (SELECT i AS id, 'row ' || i % 100 AS name FROM range(${rows}) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    connection.closeSync();
    instance.closeSync();
    return await readFooter(file);
  }

  it('has the bytes of the published file, up to the end of a row group', async () => {
    const target = join(folder, 'beginning.parquet');
    const all = await readFile(published.file);
    for (const groups of [0, 1, 5, published.groups.length]) {
      const beginning = Beginning.of(published, target, signal, groups);
      await beginning.copied();
      expect(beginning.bytes).to.equal(groups === 0 ? 4 : published.groups[groups - 1]!.end);
      expect((await readFile(target)).equals(all.subarray(0, beginning.bytes))).to.equal(true);
    }
  });

  it('ends where a gap is between row groups', async () => {
    const groups = published.groups.map((group, at) => (at < 3 ? group : { ...group, start: group.start + 8 }));
    const beginning = Beginning.of({ ...published, groups }, join(folder, 'gap.parquet'), signal);
    await beginning.copied();
    expect(beginning.bytes).to.equal(published.groups[2]!.end);
  });

  it('makes no difference to the file, whatever row groups that gets', async () => {
    const last = published.groups.length;
    const part = fc
      .record({ mine: fc.boolean(), from: fc.nat(last - 1), length: fc.integer({ min: 1, max: last }) })
      .map(({ mine, from, length }): Part => {
        const footer = mine ? written : published;
        const start = Math.min(from, footer.groups.length - 1);
        return { footer, from: start, to: Math.min(start + length, footer.groups.length) };
      });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), fc.nat(last), async (parts, begun) => {
        const { fields } = written;
        const [plain, early] = [join(folder, 'plain.parquet'), join(folder, 'early.parquet')];
        await assemble({ parts, fields, destination: plain, signal });
        const beginning = Beginning.of(published, early, signal, begun);
        await assemble({ parts, fields, destination: early, beginning, signal });
        expect((await readFile(early)).equals(await readFile(plain))).to.equal(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is the error of the file when it cannot be written', async () => {
    const destination = join(folder, 'nowhere', 'new.parquet');
    const beginning = Beginning.of(published, destination, signal);
    const parts = [{ footer: published, from: 0, to: 3 }];
    const error = await assemble({ parts, fields: written.fields, destination, beginning, signal }).catch((e) => e);
    expect(error).to.include({ code: 'ENOENT' });
    await beginning.giveUp();
  });

  it('is given up without an error, and the file is not touched any more', async () => {
    const target = join(folder, 'given-up.parquet');
    for (const groups of [2, published.groups.length]) {
      const beginning = Beginning.of(published, target, signal, groups);
      beginning.flush();
      await beginning.giveUp();
      await writeFile(target, 'mine');
      await new Promise((done) => setTimeout(done, 20));
      expect((await stat(target)).size).to.equal(4);
    }
  });

  it('ends when the run is interrupted', async () => {
    const beginning = Beginning.of(published, join(folder, 'aborted.parquet'), AbortSignal.abort(), 2);
    expect(await beginning.copied().catch((error) => error)).to.include({ code: 'ERR_ABORTED' });
  });
});
