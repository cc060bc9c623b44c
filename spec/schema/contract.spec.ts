// What becomes of rows that are against the contract of their table.
import { expect } from 'chai';
import { OptionError } from '../../lib/core/index.js';
import {
  type ColumnOptions,
  columnPolicy,
  contractModes,
  deadLetterLine,
  displayType,
  type EncodedRows,
  resolve,
  SchemaError,
  Shape,
} from '../../lib/schema/index.js';

const table = 'projects';

/** Encodes rows for a table that was made from `earlier`; for a new one without. */
function load(options: ColumnOptions, rows: readonly unknown[], earlier?: readonly unknown[]) {
  const policy = columnPolicy(options);
  let shape: Shape | undefined;
  if (earlier) {
    const first = columnPolicy().encoder({ table });
    first.encode(earlier, { page: 0 });
    shape = Shape.fromJSON(JSON.parse(JSON.stringify(first.shape)));
  }
  const encoder = policy.encoder({ table, ...(shape && { shape }) });
  const encoded = encoder.encode(rows, { page: 3 });
  const { columns } = resolve(encoder.shape, policy.resolve);
  return {
    encoded,
    lines: linesOf(encoded),
    columns: columns.map(({ name, type, nullable }) => `${name} ${displayType(type)}${nullable ? '' : ' NOT NULL'}`),
  };
}

function linesOf({ chunk }: EncodedRows): unknown[] {
  return chunk
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

function errorOf(run: () => unknown): SchemaError {
  try {
    run();
  } catch (error) {
    expect(error).to.be.instanceOf(SchemaError);
    return error as SchemaError;
  }
  throw new Error('nothing was thrown');
}

describe('a schema contract', () => {
  describe('columns', () => {
    const earlier = [{ id: 1, name: 'a' }];
    const rows = [
      { id: 2, name: 'b' },
      { id: 3, name: 'c', extra: { x: 1 } },
      { id: 4, extra: null },
    ];

    it('evolve: takes new columns in', () => {
      const { lines, columns, encoded } = load(
        { schemaContract: { columns: 'evolve', data_type: 'freeze' } },
        rows,
        earlier,
      );
      expect(lines).to.deep.equal(rows);
      expect(columns).to.deep.equal(['id BIGINT NOT NULL', 'name VARCHAR', 'extra STRUCT(x BIGINT)']);
      expect(encoded.issues).to.deep.equal([]);
    });

    it('freeze: fails, and says what, where and what to do', () => {
      const error = errorOf(() => load({ schemaContract: { columns: 'freeze' } }, rows, earlier));
      expect(error).to.deep.include({ code: 'ERR_SCHEMA_CONTRACT', column: 'extra', origin: { page: 3, index: 1 } });
      expect(error.message).to.equal(
        'row 1 of page 3 (both counted from 0) is against the contract of the table "projects": the table has no column "extra". The row: {"id":3,"name":"c","extra":{"x":1}} ' +
          'The contract\'s columns is "freeze". Set it to "evolve" to take the row in, or to "discard_row" or "discard_value" to leave it out',
      );
    });

    it('discard_row: leaves the row out, and hands it back with the reason', () => {
      const { lines, columns, encoded } = load({ schemaContract: { columns: 'discard_row' } }, rows, earlier);
      expect(lines).to.deep.equal([{ id: 2, name: 'b' }, { id: 4 }]);
      expect(columns).to.deep.equal(['id BIGINT NOT NULL', 'name VARCHAR']);
      expect(encoded.rows).to.equal(2);
      const origin = { page: 3, index: 1 };
      const issue = {
        code: 'new_column',
        action: 'row discarded',
        column: 'extra',
        message: 'the table has no column "extra"',
        origin,
      };
      expect(encoded.issues).to.deep.equal([issue]);
      expect(encoded.discarded).to.deep.equal([{ row: rows[1], origin, issues: [issue] }]);
      expect(
        deadLetterLine({ ...encoded.discarded[0]!, row: { id: 2n ** 64n } }, { loadId: 'l', table, walk: 'w' }),
      ).to.equal(
        '{"load_id":"l","table":"projects","walk":"w","page":3,"index":1,"left_out":"row","reasons":[{"code":"new_column","column":"extra","message":"the table has no column \\"extra\\""}],"row":{"id":18446744073709551616}}\n',
      );
    });

    it('discard_value: leaves the value out', () => {
      const { lines, columns, encoded } = load({ schemaContract: { columns: 'discard_value' } }, rows, earlier);
      expect(lines).to.deep.equal([{ id: 2, name: 'b' }, { id: 3, name: 'c' }, { id: 4 }]);
      expect(columns).to.deep.equal(['id BIGINT NOT NULL', 'name VARCHAR']);
      expect(encoded.issues.map(({ action, column }) => [action, column])).to.deep.equal([
        ['value discarded', 'extra'],
      ]);
      expect(encoded.discarded).to.deep.equal([]);
    });

    it('lets a new table take its columns in its first run, also when that is resumed', () => {
      const schemaContract = { columns: 'freeze', data_type: 'freeze' } as const;
      expect(load({ schemaContract }, rows).lines).to.deep.equal(rows);
      const columns = { id: { data_type: 'bigint' } } as const;
      expect(load({ schemaContract, columns }, rows).lines).to.deep.equal(rows);
      const policy = columnPolicy({ schemaContract });
      const before = policy.encoder({ table });
      before.encode(earlier, { page: 0 });
      const after = policy.encoder({ table, shape: before.shape, exists: false });
      expect(after.encode(rows, { page: 1 }).rows).to.equal(3);
    });

    it('holds a new table to a schema of whole rows', () => {
      const columns = { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } } as const;
      const schemaContract = { columns: 'freeze' } as const;
      expect(errorOf(() => load({ schemaContract, columns }, rows)).column).to.equal('extra');
    });

    it('counts fields of declared objects as columns', () => {
      const columns = {
        type: 'object',
        properties: { o: { type: 'object', properties: { a: { type: 'integer' } } } },
      } as const;
      const row = { o: { a: 1, b: 2 } };
      expect(load({ columns }, [row]).columns).to.deep.equal(['o STRUCT(a BIGINT, b BIGINT)']);
      expect(load({ columns, schemaContract: { columns: 'discard_value' } }, [row]).lines).to.deep.equal([
        { o: { a: 1 } },
      ]);
      expect(load({ columns, schemaContract: { columns: 'discard_row' } }, [row]).encoded.issues[0]).to.include({
        column: 'o.b',
      });
    });

    it('gives a key that is like a declared column but for its case a column of its own', () => {
      const { columns } = load({ columns: { ID: { data_type: 'text' } } }, [{ id: 5 }, { ID: 6 }]);
      expect(columns).to.deep.equal(['id_2 BIGINT', 'ID VARCHAR']);
    });

    it('applies what is declared now to a column that an earlier run named in another case', () => {
      expect(load({ columns: { id: { data_type: 'text' } } }, [{ Id: 5, id: 6 }], [{ Id: 1 }]).columns).to.deep.equal([
        'Id VARCHAR NOT NULL',
        'id_2 BIGINT',
      ]);
    });
  });

  describe('data_type', () => {
    const columns = { n: { data_type: 'bigint' } } as const;
    const rows = [{ n: '12' }, { n: 'many' }, { n: null }];

    it('evolve: widens a declared type, by the values that it cannot hold', () => {
      expect(load({ columns }, rows)).to.deep.include({
        lines: [{ n: 12 }, { n: 'many' }, { n: null }],
        columns: ['n VARCHAR'],
      });
      expect(load({ columns }, [{ n: '12' }]).columns).to.deep.equal(['n BIGINT NOT NULL']);
      expect(load({ columns }, []).columns).to.deep.equal(['n BIGINT']);
    });

    it('freeze: fails', () => {
      const error = errorOf(() => load({ columns, schemaContract: { data_type: 'freeze' } }, rows));
      expect(error.message)
        .to.contain('the column "n" is BIGINT, and cannot hold "many"')
        .and.to.contain('data_type is "freeze"');
    });

    it('discard_row and discard_value: leave out the row, or the value', () => {
      const row = load({ columns, schemaContract: { data_type: 'discard_row' } }, rows);
      expect(row).to.deep.include({ lines: [{ n: 12 }, { n: null }], columns: ['n BIGINT'] });
      expect(row.encoded.discarded.map((letter) => letter.row)).to.deep.equal([{ n: 'many' }]);
      const value = load({ columns, schemaContract: { data_type: 'discard_value' } }, rows);
      expect(value).to.deep.include({ lines: [{ n: 12 }, {}, { n: null }], columns: ['n BIGINT'] });
    });

    it('keeps the types of a table that exists, also those that were not declared', () => {
      const modes = { data_type: 'discard_value' } as const;
      const earlier = [{ i: 1, d: 1.5, t: '2024-01-01T00:00:00Z', s: { a: 1 }, u: null }];
      const rows = [{ i: 'x', d: 2, t: 'never', s: { a: 'x' }, u: 5 }];
      const { lines, columns } = load({ schemaContract: modes }, rows, earlier);
      expect(lines).to.deep.equal([{ d: 2, u: 5 }]);
      expect(columns).to.deep.equal([
        'i BIGINT',
        'd DOUBLE NOT NULL',
        't TIMESTAMP WITH TIME ZONE',
        's STRUCT(a BIGINT)',
        'u BIGINT',
      ]);
    });

    it('counts NULL where it was declared away, also a value that was discarded', () => {
      const strict = { n: { data_type: 'bigint', nullable: false }, m: { nullable: false } } as const;
      const rows = [{ n: 1, m: 1 }, { n: null, m: 1 }, { n: 2 }];
      expect(errorOf(() => load({ columns: strict, schemaContract: { data_type: 'freeze' } }, rows)).column).to.equal(
        'n',
      );
      const { lines, encoded } = load({ columns: strict, schemaContract: { data_type: 'discard_row' } }, rows);
      expect(lines).to.deep.equal([{ n: 1, m: 1 }]);
      expect(encoded.issues.map(({ code, column }) => [code, column])).to.deep.equal([
        ['null', 'n'],
        ['null', 'm'],
      ]);
      expect(load({ columns: strict }, rows).columns).to.deep.equal(['n BIGINT', 'm BIGINT']);
    });
  });

  it('reads one mode for all, or one for each, and refuses others', () => {
    expect(contractModes()).to.deep.equal({ tables: 'evolve', columns: 'evolve', data_type: 'evolve' });
    expect(contractModes('freeze')).to.deep.equal({ tables: 'freeze', columns: 'freeze', data_type: 'freeze' });
    expect(contractModes({ columns: 'discard_row' })).to.deep.equal({
      tables: 'evolve',
      columns: 'discard_row',
      data_type: 'evolve',
    });
    for (const wrong of ['thaw', { column: 'freeze' }, { columns: 'thaw' }]) {
      expect(() => contractModes(wrong as 'freeze')).to.throw(OptionError);
    }
  });
});
