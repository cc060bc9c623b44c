// A run that goes on with one that was cut short, by a sink with other options: no row is lost, and none is made in two ways.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, delay, from, of, throwError } from 'rxjs';
import { mergeMap } from 'rxjs/operators';
import { run } from '../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf } from '../sinks/parquet-file.js';
import { directoryRows } from './directory/directory-rows.js';

const pages = pagesOf([0, 1, 2, 3].map((id) => [{ id, someText: `x${id}`, part: id % 2, l: [{ a: id }] }]));

describe('a sink whose options change while a run is cut short', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-options-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Stages the first two pages by a sink, and all by another. Resolves with what that said. */
  const load = async (out: string, before: ParquetOptions, after: ParquetOptions): Promise<string> => {
    const sink = (options: ParquetOptions) =>
      parquet(join(folder, out), { layout: 'directory', checkpoint: { pages: 1 }, ...options });
    const boom = of(0).pipe(
      delay(20),
      mergeMap(() => throwError(() => new Error('boom'))),
    );
    await failureOf(concat(from(pages.slice(0, 2)), boom).pipe(sink(before)));
    const notes: string[] = [];
    await run(from(pages).pipe(sink(after)), {
      onProgress: (event) => event.type === 'note' && notes.push(event.message),
    });
    return notes.join();
  };

  const none = {};
  const hour = { fileMaxSeconds: 3600 };
  for (const [name, before, after] of [
    ['files of some time', none, hour],
    ['files of any time', hour, none],
    ['files of less time', hour, { fileMaxSeconds: 1 }],
    ['smaller files', none, { fileMaxItems: 1 }],
    ['partitions', none, { partitionBy: ['part'] }],
    ['a disposition', none, { writeDisposition: 'replace' }],
    ['files of some time, and a merge', {}, { ...hour, writeDisposition: 'merge', mergeKey: 'id' }],
  ] as const) {
    it(`goes on, and comes to all rows: ${name}`, async () => {
      const said = await load('out', before, after);
      expect(said).not.to.include('anew');
      const rows = await directoryRows(join(folder, 'out'), 'id, "someText"');
      expect(rows.sort((one, other) => Number(one['id']) - Number(other['id']))).to.deep.equal(
        [0, 1, 2, 3].map((id) => ({ id: String(id), someText: `x${id}` })),
      );
    });
  }

  for (const [name, options] of [
    ['nesting', { nesting: 'tables' }],
    ['names', { naming: 'snake_case' }],
    ['columns of metadata', { metadataColumns: true }],
  ] as const) {
    it(`begins anew, and says so, when rows of before would be made in another way: ${name}`, async () => {
      expect(await load('changed', none, options)).to.match(/"changed" are made in another way .* begins anew/);
      await load('same', options, options);
      const columns = async (table: string) =>
        (await directoryRows(join(folder, table))).map((row) =>
          Object.entries(row)
            .filter(([, value]) => value !== null)
            .map(([column]) => column),
        );
      expect(await columns('changed')).to.deep.equal(await columns('same'));
    });
  }
});
