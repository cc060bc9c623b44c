// Logs of wide rows that are cut into files: every byte is there, in its order, and no line is cut.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { removeSlices, sliced, slicesOf } from '../../lib/table/slices.js';

describe('a log of wide rows', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-slices-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const line = (number: number, length: number): string => `${number} ${'x'.repeat(length)}\n`;
  const contents = (paths: readonly string[]): Promise<string[]> =>
    Promise.all(paths.map((path) => readFile(path, 'utf8')));

  it('is cut at the ends of lines, into files of about 4 MiB or of one line', async () => {
    const lines = [1e6, 2e6, 2e6, 9e6, 10, 20, 3e6, 3e6, 3e6].map((length, at) => line(at, length));
    const segment = join(folder, 't.000001.jsonl');
    await writeFile(segment, lines.join(''));
    const slices = await contents(await slicesOf(segment, folder));
    expect(slices.join('') === lines.join('')).to.equal(true);
    expect(slices.map((slice) => slice.split('\n').length - 1)).to.deep.equal([3, 1, 4, 1]);
  });

  it('is the same when it was compressed', async () => {
    const lines = [3e6, 3e6, 3e6].map((length, at) => line(at, length));
    const file = join(folder, 't.jsonl.gz');
    await writeFile(file, gzipSync(lines.join('')));
    expect(await contents(await slicesOf(file, folder))).to.deep.equal([lines[0]! + lines[1], lines[2]]);
  });

  it('says what is wrong with a file that is not there', async () => {
    for (const name of ['gone.jsonl', 'gone.jsonl.gz']) {
      const error = await slicesOf(join(folder, name), folder).catch((caught: unknown) => caught);
      expect(error).to.include({ code: 'ENOENT' });
    }
  });

  it('stays as it is where it is small or typed already, and leaves nothing behind', async () => {
    const paths = ['small', 'typed', 'large'].map((name) => join(folder, `${name}.jsonl`));
    const [small, typed, large] = paths as [string, string, string];
    await writeFile(small, line(0, 10));
    for (const path of [typed, large]) await writeFile(path, line(0, 5e6) + line(1, 5e6));
    const scratch = join(folder, 'scratch');
    const parts = new Map([[typed, { file: `${typed}.parquet`, columns: [] }]]);
    const log = { segments: paths, parts, schema: { columns: [] }, scratch, signal: new AbortController().signal };
    const cut = await sliced(log);
    const slices = (await readdir(scratch)).sort().map((name) => join(scratch, name));
    expect(slices).to.have.length(2);
    expect(cut).to.deep.equal({ ...log, segments: [small, typed, ...slices] });
    await removeSlices(log, cut);
    expect(await readdir(scratch)).to.deep.equal([]);
  });
});
