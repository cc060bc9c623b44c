// What sinks make of options that are none: an error when the sink is made, which names what was probably meant.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from } from 'rxjs';
import { arrow, arrowBatches, csv, duckdb, jsonl, parquet } from '../../sinks/index.js';
import { failureOf, load, pagesOf } from './parquet-file.js';

describe('options of sinks', () => {
  const sinks: Readonly<Record<string, (options: object) => unknown>> = {
    parquet: (options) => parquet('out/t.parquet', options),
    'parquet in a directory': (options) => parquet('out/t/', options),
    arrow: (options) => arrow('out/t.arrow', options),
    csv: (options) => csv('out/t.csv', options),
    jsonl: (options) => jsonl('out/t.jsonl', options),
    duckdb: (options) => duckdb('out/t.duckdb', { table: 't', ...options }),
  };

  for (const [name, make] of Object.entries(sinks)) {
    it(`that are misspelt are refused by ${name}, with the one that was meant`, () => {
      const refused = (given: object, option: string, message: string): void => {
        expect(() => make(given), option)
          .to.throw(message)
          .and.to.include({ code: 'ERR_INVALID_OPTION', option });
      };
      refused({ primary_key: 'id' }, 'primary_key', 'did you mean "primaryKey"?');
      refused({ writeDispositon: 'merge' }, 'writeDispositon', 'did you mean "writeDisposition"?');
      refused({ memorylimit: '1GB' }, 'memorylimit', 'did you mean "memoryLimit"?');
      refused({ zzz: 1 }, 'zzz', 'there are ');
      refused({ checkpoint: { page: 1 } }, 'checkpoint.page', 'did you mean "pages"?');
      refused({ highWaterMark: { byte: 1 } }, 'highWaterMark.byte', 'did you mean "bytes"?');
      refused({ dedupSort: { colum: 'a', order: 'asc' } }, 'dedupSort.colum', 'did you mean "column"?');
      const softly = { primaryKey: 'id', writeDisposition: 'merge' };
      refused({ ...softly, deleteMissing: { mode: 'soft', colum: 'a' } }, 'deleteMissing.colum', '"column"?');
      refused({ columns: { id: { datatype: 'text' } } }, 'columns.id.datatype', 'did you mean "data_type"?');
      refused({ columns: [{ name: 'id', primaryKey: true }] }, 'columns[0].primaryKey', '"primary_key"?');
      refused({ metadataColumns: { load_id: true } }, 'metadataColumns.load_id', '"loadId"?');
      refused({ nestedHints: { lines: { column: {} } } }, 'nestedHints.lines.column', '"columns"?');
    });

    it(`without a value are left out by ${name}`, () => {
      expect(() => make({ primaryKey: undefined, nothing: undefined })).not.to.throw();
    });
  }

  it('of another format are refused', () => {
    expect(() => csv('out/t.csv', { rowGroupRows: 5000 } as object)).to.throw('rowGroupRows: there is no such option');
    expect(() => jsonl('out/t.jsonl', { partitionBy: 'a' } as object)).to.throw('partitionBy: there is no such option');
    expect(() => parquet('out/t/', { partitionBy: { colum: 'a' } as never })).to.throw('partitionBy.colum');
  });

  it('of arrowBatches are those of the Arrow file', async () => {
    const batches = arrowBatches(from(pagesOf([[{ id: 1 }]])), { batchrows: 1 } as object);
    expect(await failureOf(batches.next())).to.include({ code: 'ERR_INVALID_OPTION', option: 'batchrows' });
  });

  describe('that name columns', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-options-'));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it('are an error when the table has no such column, and the rows come with the right name', async () => {
      const file = join(folder, 't.parquet');
      const rows = [[{ id: 1, status: 'new', lines: [{ sku: 'a' }] }]];
      const error = await failureOf(load(file, rows, { statistics: ['id', 'statsu'] }));
      expect(error).to.include({ code: 'ERR_TABLE_COLUMN' });
      expect(error.message).to.include('statistics names the column "statsu"').and.include('did you mean "status"?');
      expect(await load(file, rows, { statistics: ['id', 'status'], nesting: 'tables' })).to.include({ total: 1 });
    });

    it('are an error for dictionaries, too, and for what is no list of names', async () => {
      const error = await failureOf(
        from(pagesOf([[{ id: 1, status: 'new' }]])).pipe(arrow(join(folder, 't.arrow'), { dictionary: ['Status'] })),
      );
      expect(error).to.include({ code: 'ERR_TABLE_COLUMN' });
      expect(error.message).to.include('did you mean "status"?');
      expect(() => arrow('t.arrow', { dictionary: true as never })).to.throw('must be names of columns');
    });
  });
});
