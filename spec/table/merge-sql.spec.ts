// The SQL of publishing, as text: quoting, and that nothing in it depends on what a name or a path holds.
import { expect } from 'chai';
import type { ValuePath } from '../../lib/schema/index.js';
import * as sql from '../../lib/table/merge-sql.js';
import { copyOptions, defaultLayout } from '../../lib/table/parquet-layout.js';
import * as sets from '../../lib/table/set-sql.js';

const columns = [
  { name: 'id', type: 'BIGINT' },
  { name: 'a "b"', type: 'VARCHAR' },
];

describe('the SQL of a merge', () => {
  it('takes patterns in a path for plain characters', () => {
    expect(sql.readParquet("it's [x]*?.parquet")).to.include("read_parquet('it''s [[]x][*][?].parquet'");
  });

  it('gives columns that a file does not have as NULL of their type', () => {
    const existing = [{ name: 'id', cast: 'CAST("id" AS BIGINT)' }];
    expect(sql.selectExisting('x.parquet', columns, existing)).to.match(
      /^SELECT CAST\("id" AS BIGINT\) AS "id", NULL::VARCHAR AS "a ""b""", file_row_number AS __sluice_row FROM /,
    );
  });

  it('compares all columns but the key, and takes NULL for equal to NULL', () => {
    const sides = { load: 'L', loadRows: 3, previous: 'P', previousRows: 0 };
    const id: ValuePath = { column: 'id', fields: [], structs: 0, type: { kind: 'bigint' } };
    const on = sets.sameKey([id], { nullKeys: 'error' });
    const verdict = sets.createVerdict(
      sides,
      { on, same: sets.sameValues(['a "b"']), mark: 'false' },
      ['found', 'replaced'],
      false,
    );
    expect(verdict).to.include('NOT (false) AND true AND l."a ""b""" IS NOT DISTINCT FROM p."a ""b""" AS same');
    expect(verdict).to.include('ON l."id" = p."id"');
    expect(verdict)
      .to.include('bitstring_agg(loaded, 0, 2)')
      .and.to.include('bitstring_agg(published, 0, 0)')
      .and.not.to.include(' AS known');
    expect(sets.sameValues([])).to.equal('true');
    expect(sets.sameKey([id], { nullKeys: 'group' })).to.equal('l."id" IS NOT DISTINCT FROM p."id"');
  });

  it('writes metadata of any text', () => {
    const options = copyOptions(defaultLayout, 2048, { sluice: `{"it's": 1}` });
    expect(sql.copyTo('SELECT 1', "o'.parquet", options)).to.equal(
      `COPY (SELECT 1) TO 'o''.parquet' (FORMAT parquet, COMPRESSION 'zstd', ROW_GROUP_SIZE 2048, KV_METADATA {"sluice": '{"it''s": 1}'})`,
    );
  });

  it('reads a log with the types to read it, and selects the final ones', () => {
    const log = sql.readLog(['a.jsonl'], [{ name: 'at', readType: 'VARCHAR', expression: 'CAST("at" AS DATE)' }], 10);
    expect(log).to.include(`SELECT CAST("at" AS DATE) AS "at" FROM read_json(['a.jsonl'], columns={'at': 'VARCHAR'}`);
  });
});
