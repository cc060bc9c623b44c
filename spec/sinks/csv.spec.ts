// What the CSV sink does beside the contract suite: the text of the file, and files that it does not know.
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import type { Row } from '../../lib/core/index.js';
import { rowsOf } from '../../lib/testing/index.js';
import { type CsvOptions, csv } from '../../sinks/index.js';
import { failureOf, query } from './parquet-file.js';
import { everyType } from './text-rows.js';

describe('the csv sink', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-csv-'));
    file = join(folder, 'table.csv');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (rows: readonly Row[], options?: CsvOptions, path = file) =>
    lastValueFrom(rowsOf(rows).pipe(csv(path, options)));

  it('writes what a reader of CSV expects', async () => {
    await load(everyType);
    expect(await readFile(file, 'utf8')).to.equal(
      [
        'id,ok,big,huge,money,x,name,day,at,tags,owner,bytes',
        '1,true,9223372036854775807,170141183460469231731687303715,12345678901234567.25,1.5,"Ada, ""the first""\nprogrammer",2024-02-29,2024-02-29T08:00:00.5Z,' +
          '"[""a"",null]","{""id"":7,""cost"":""0.12345678901234567""}",AP8=',
        '2,,,,,-0.0,"",,,[],,',
        '',
      ].join('\n'),
    );
  });

  for (const [ending, unpacked] of [
    ['gz', async (path: string) => gunzipSync(await readFile(path)).toString()],
    [
      'zst',
      async (path: string) =>
        String(
          (
            await query(
              `SELECT string_agg(l, chr(10)) || chr(10) AS text FROM read_csv('${path}', header = false, columns = {'l': 'VARCHAR'})`,
            )
          )[0]!['text'],
        ),
    ],
  ] as const) {
    it(`compresses when the path ends with .${ending}, and adds to that`, async () => {
      const path = `${file}.${ending}`;
      const receipt = await load([{ id: 1 }], {}, path);
      expect(receipt.table).to.equal('table');
      await load([{ id: 2 }], {}, path);
      expect(await unpacked(path)).to.equal('id\n1\n2\n');
    });
  }

  it('says which rows, bytes and files it published', async () => {
    const receipt = await load([{ id: 1 }, { id: 2 }]);
    expect(receipt).to.deep.include({ total: 2, files: [file], bytes: 'id\n1\n2\n'.length });
  });

  it('refuses to add to a file that something else wrote, and leaves it as it is', async () => {
    await writeFile(file, 'id\n1\n');
    const error = await failureOf(load([{ id: 2 }]));
    expect(error.code).to.equal('ERR_TABLE_CORRUPT');
    expect(error.message).to.contain(file).and.to.contain("'replace'");
    expect(await readFile(file, 'utf8')).to.equal('id\n1\n');
  });

  it('refuses to add to a file that was changed since', async () => {
    await load([{ id: 1 }]);
    await appendFile(file, 'x\n');
    expect((await failureOf(load([{ id: 2 }]))).code).to.equal('ERR_TABLE_CORRUPT');
  });

  it('replaces any file', async () => {
    await writeFile(file, 'anything');
    await load([{ id: 2 }], { writeDisposition: 'replace' });
    expect(await readFile(file, 'utf8')).to.equal('id\n2\n');
  });

  it('knows the old file and the new one while one takes the place of the other', async () => {
    await load([{ id: 1 }]);
    const old = join(folder, 'old.csv');
    await copyFile(file, old);
    await load([{ id: 2 }]);
    // As after a crash between the description and the rename.
    await copyFile(old, file);
    await load([{ id: 3 }]);
    expect(await readFile(file, 'utf8')).to.equal('id\n1\n3\n');
  });

  it('keeps a table of one column that is NULL', async () => {
    await load([{ only: 'x' }, { only: null }, { only: '' }]);
    await load([{ only: 'y' }]);
    expect(await readFile(file, 'utf8')).to.equal('only\nx\n\n""\ny\n');
  });

  it('refuses options that make no sense at once', () => {
    expect(() => csv(''))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
    expect(() => csv(file, { writeDisposition: 'merge' }))
      .to.throw()
      .with.property('code', 'ERR_TABLE_NO_KEY');
  });
});
