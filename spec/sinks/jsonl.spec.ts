// What the JSON lines sink does beside the contract suite: the text of the file.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import type { Row } from '../../lib/core/index.js';
import { rowsOf } from '../../lib/testing/index.js';
import { type JsonlOptions, jsonl } from '../../sinks/index.js';
import { failureOf } from './parquet-file.js';
import { everyType } from './text-rows.js';

describe('the jsonl sink', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-jsonl-'));
    file = join(folder, 'table.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (rows: readonly Row[], options?: JsonlOptions, path = file) =>
    lastValueFrom(rowsOf(rows).pipe(jsonl(path, options)));

  it('writes one object for each row, with every column and without a loss', async () => {
    await load(everyType);
    expect((await readFile(file, 'utf8')).split('\n')).to.deep.equal([
      '{"id":1,"ok":true,"big":9223372036854775807,"huge":170141183460469231731687303715,"money":"12345678901234567.25","x":1.5,' +
        '"name":"Ada, \\"the first\\"\\nprogrammer","day":"2024-02-29","at":"2024-02-29T08:00:00.5Z","tags":["a",null],' +
        '"owner":{"id":7,"cost":"0.12345678901234567"},"bytes":"AP8="}',
      '{"id":2,"ok":null,"big":null,"huge":null,"money":null,"x":-0.0,"name":"","day":null,"at":null,"tags":[],"owner":null,"bytes":null}',
      '',
    ]);
  });

  it('compresses when the path ends with .gz, and merges into that', async () => {
    const path = `${file}.gz`;
    const merge = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    await load(
      [
        { id: 1, a: 'x' },
        { id: 2, a: 'y' },
      ],
      merge,
      path,
    );
    const receipt = await load([{ id: 2, a: 'z' }], merge, path);
    expect(receipt).to.include({ updated: 1, total: 2 });
    expect(gunzipSync(await readFile(path)).toString()).to.equal('{"id":1,"a":"x"}\n{"id":2,"a":"z"}\n');
  });

  it('refuses to add to a file that something else wrote, and replaces it when asked', async () => {
    await writeFile(file, '{"id":1}\n');
    expect((await failureOf(load([{ id: 2 }]))).code).to.equal('ERR_TABLE_CORRUPT');
    await load([{ id: 2 }], { writeDisposition: 'replace' });
    expect(await readFile(file, 'utf8')).to.equal('{"id":2}\n');
  });

  it('believes nothing of what describes a file that is damaged: also not that it has the rows of another load', async () => {
    const sidecar = join(folder, '.sluice', 'table.jsonl.table.json');
    for (const damage of [
      (text: string) => text.slice(0, text.length / 2),
      (text: string) => `${text}{`,
      () => 'null',
      (text: string) => text.replace(/load_?id[^:]*:[^0-9]*20/i, (start) => `${start.slice(0, -1)}1`),
    ]) {
      await load([{ id: 1 }], { writeDisposition: 'replace' });
      const text = await readFile(sidecar, 'utf8');
      const damaged = damage(text);
      expect(damaged).not.to.equal(text);
      await writeFile(sidecar, damaged);
      const failed = await failureOf(load([{ id: 2 }]));
      expect(failed).to.have.property('code', 'ERR_TABLE_CORRUPT');
      expect(failed.message).to.include('gone or damaged');
      await rm(join(folder, '.sluice'), { recursive: true });
      await load([{ id: 2 }], { writeDisposition: 'replace' });
      expect(await readFile(file, 'utf8')).to.equal('{"id":2}\n');
    }
  });

  it('believes what an older version wrote, which had no checksum', async () => {
    const sidecar = join(folder, '.sluice', 'table.jsonl.table.json');
    await load([{ id: 1 }]);
    const { checksum, ...older } = JSON.parse(await readFile(sidecar, 'utf8')) as { readonly checksum?: string };
    expect(checksum).to.be.a('string');
    await writeFile(sidecar, JSON.stringify(older));
    expect(await load([{ id: 2 }])).to.include({ total: 2 });
  });

  it('refuses options that make no sense at once', () => {
    expect(() => jsonl(''))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
  });
});
