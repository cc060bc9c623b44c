// Names, literals and types in SQL, as written and as DuckDB understands them.
import { expect } from 'chai';
import {
  type ColumnType,
  displayType,
  quoteIdentifier,
  quoteLiteral,
  RowEncoder,
  readType,
  resolve,
  sqlType,
} from '../../lib/schema/index.js';
import { LogReader } from './log-reader.js';

const nested: ColumnType = {
  kind: 'list',
  item: {
    kind: 'struct',
    fields: [
      { name: 'id', type: { kind: 'bigint' } },
      { name: 'first "name"', type: { kind: 'text' } },
      { name: 'select', type: { kind: 'list', item: { kind: 'timestamp' } } },
      { name: 'price', type: { kind: 'decimal', precision: 38, scale: 2 } },
    ],
  },
};

describe('SQL of types', () => {
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  it('is shown with names as they are, quoted where they must be', () => {
    expect(displayType(nested)).to.equal(
      'STRUCT(id BIGINT, "first ""name""" VARCHAR, select TIMESTAMP WITH TIME ZONE[], price DECIMAL(38,2))[]',
    );
    expect(sqlType(nested)).to.equal(
      'STRUCT("id" BIGINT, "first ""name""" VARCHAR, "select" TIMESTAMPTZ[], "price" DECIMAL(38,2))[]',
    );
  });

  it('reads as text what the reader would round or guess', () => {
    expect(readType(nested)).to.equal(
      'STRUCT("id" BIGINT, "first ""name""" VARCHAR, "select" VARCHAR[], "price" VARCHAR)[]',
    );
  });

  it('quotes names and texts so that DuckDB gives them back', async () => {
    for (const text of ['plain', "it's", '"', '\'\'""', 'a\\b', '$x', '%', ';--', 'é 👩‍👩‍👧', '\n']) {
      expect(await reader.query(`SELECT ${quoteLiteral(text)} AS ${quoteIdentifier(text)}`)).to.deep.equal([
        { [text]: text },
      ]);
    }
    for (const text of ['a\0b', '\0', "\0'\0"]) {
      expect(await reader.query(`SELECT ${quoteLiteral(text)} AS text`)).to.deep.equal([{ text }]);
    }
  });

  it('makes tables with every type', async () => {
    const kinds = [
      'unknown',
      'bool',
      'bigint',
      'double',
      'text',
      'timestamp',
      'date',
      'time',
      'json',
      'binary',
    ] as const;
    const types: ColumnType[] = [
      ...kinds.map((kind) => ({ kind })),
      nested,
      { kind: 'decimal', precision: 38, scale: 10 },
    ];
    const columns = types.map((type, i) => `c${i} ${sqlType(type)}`);
    await reader.run(`CREATE OR REPLACE TEMP TABLE every (${columns.join(', ')})`);
    const described = await reader.query(
      "SELECT data_type FROM duckdb_columns() WHERE table_name = 'every' ORDER BY column_index",
    );
    expect(described.map((row) => row['data_type'])).to.deep.equal(
      // DuckDB, too, quotes names that are words of SQL.
      types.map((type) => displayType(type).replace('select', '"select"')),
    );
  });

  it('reads bytes, also those within lists and objects', async () => {
    const encoder = new RowEncoder();
    const bytes = new Uint8Array([0, 255]);
    const encoded = encoder.encode(
      [
        { a: bytes, b: [bytes, null], c: { d: [{ e: bytes }] } },
        { a: null, c: {} },
      ],
      { page: 0 },
    );
    expect(await reader.read(encoded, resolve(encoder.shape))).to.deep.equal([
      { a: '\\x00\\xFF', b: ['\\x00\\xFF', null], c: { d: [{ e: '\\x00\\xFF' }] } },
      { a: null, b: null, c: { d: null } },
    ]);
  });

  it('reads a column called __proto__, and a key of that name within an object', async () => {
    const encoder = new RowEncoder();
    const encoded = encoder.encode([JSON.parse('{"__proto__":1,"o":{"__proto__":"x"}}')], { page: 0 });
    const select = await reader.select(encoded, resolve(encoder.shape));
    expect(await reader.query(`SELECT "__proto__" AS a, o."__proto__" AS b FROM (${select})`)).to.deep.equal([
      { a: '1', b: 'x' },
    ]);
  });

  it('reads lines longer than the default buffer', async () => {
    const encoder = new RowEncoder();
    const encoded = encoder.encode(
      [
        { id: 1, text: 'x'.repeat(20_000_000) },
        { id: 2, text: 'y' },
      ],
      { page: 0 },
    );
    const select = await reader.select(encoded, resolve(encoder.shape));
    expect(await reader.query(`SELECT id, length(text) AS n FROM (${select})`)).to.deep.equal([
      { id: '1', n: '20000000' },
      { id: '2', n: '1' },
    ]);
  });
});
