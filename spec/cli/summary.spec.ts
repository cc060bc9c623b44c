import { expect } from 'chai';
import { count, counted, duration, size } from '../../lib/cli/numbers.js';
import { runTable } from '../../lib/cli/run-table.js';
import { previewTable, schemaTable, summary } from '../../lib/cli/summary.js';
import { cut, textTable, width } from '../../lib/cli/text-table.js';
import type { Receipt } from '../../lib/core/index.js';

const receipt: Receipt = {
  table: 'project_data',
  published: true,
  loadId: 'l1',
  rows: 3500,
  inserted: 12,
  updated: 34,
  unchanged: 3450,
  deleted: 0,
  softDeleted: 0,
  retired: 0,
  skipped: 0,
  duplicates: 4,
  total: 4000,
  files: ['out/project_data.parquet'],
  bytes: 123_456,
  schema: [
    { name: 'id', type: 'BIGINT', nullable: false },
    { name: 'name', type: 'VARCHAR', nullable: true },
  ],
  schemaChanges: [{ column: 'name', change: 'added', to: 'VARCHAR' }],
  positions: [],
  notes: [],
  counts: { requests: 40, retries: 5, pages: 35, rows: 3500, bytes: 1_000_000 },
  seconds: 2.5,
};

describe('summary', () => {
  it('shows every count, the file, the schema and the preview', () => {
    const text = summary(receipt, { preview: [{ id: 1, name: 'Zoë' }] });
    const facts = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
    expect(facts).to.include.members([
      'project_data',
      'pages | 35',
      'requests | 40',
      'retries | 5',
      'rows read | 3,500',
      'inserted | 12',
      'updated | 34',
      'unchanged | 3,450',
      'duplicates dropped | 4',
      'rows in the table | 4,000',
      'file | out/project_data.parquet',
      'size | 123 kB',
      'time | 2.5 s, 1,400 rows/s',
      'new column name is VARCHAR',
      'id | BIGINT | no',
      'name | VARCHAR | yes',
      '1 | Zoë',
    ]);
  });
});

describe('runTable', () => {
  const of = (table: string, more: object = {}) => ({ ...receipt, table, ...more });

  it('has a line for each table, and their sum', () => {
    const lines = runTable([of('a', { rows: 1500 }), of('b', { rows: 2 })]).split('\n');
    expect(lines[0]).to.match(/^table +pages +retries +rows read +inserted/);
    expect(lines.filter((line) => line.startsWith('all'))).to.have.length(1);
    expect(lines.find((line) => line.startsWith('all'))).to.contain(' 1,502 ');
    expect(lines.at(-1)).to.equal('  b:  new column name is VARCHAR');
  });

  it('counts the pages of a table once, however many child tables they make', () => {
    const children = [of('a__x', { rows: 7 }), of('a__y', { rows: 8 })];
    const lines = runTable([of('a', { rows: 5, children })]).split('\n');
    const cells = (table: string) => lines.find((line) => line.startsWith(`${table} `))!.split(/ +/);
    expect(cells('all')[1]).to.equal(String(receipt.counts.pages));
    expect(cells('a__x')[1], 'the rows, with no pages before them').to.equal('7');
    expect(cells('all')).to.include('20');
  });

  it('counts the file of a database once, however many tables are in it', () => {
    const inDatabase = (table: string, bytes: number) => of(table, { files: ['shop.duckdb'], bytes });
    const other = of('c', { files: ['c.parquet'], bytes: 1000 });
    const all = (...receipts: Parameters<typeof runTable>[0]) =>
      runTable(receipts)
        .split('\n')
        .find((line) => line.startsWith('all '));
    expect(all(inDatabase('a', 3000), inDatabase('b', 7000), other)).to.contain(' 8.0 kB ');
    expect(all(inDatabase('b', 7000), inDatabase('a', 3000), other), 'in any order').to.contain(' 8.0 kB ');
    expect(all({ ...inDatabase('a', 4000), children: [inDatabase('a__x', 4000)] })).to.contain(' 4.0 kB ');
  });

  it('counts the pages of a resource once, however many tables its rows name', () => {
    const lines = runTable([of('a', { rows: 5 }), of('b', { rows: 8 }), of('c')], { resources: ['r', 'r', 's'] });
    const cells = lines
      .split('\n')
      .find((line) => line.startsWith('all '))!
      .split(/ +/);
    expect(cells[1]).to.equal(String(2 * receipt.counts.pages));
  });

  for (const columns of [40, 60, 80, 120]) {
    it(`fits into ${columns} columns, and keeps the rows`, () => {
      const long = of('a table with a name that is far too long for it');
      const lines = runTable([of('a'), long], { columns })
        .split('\n')
        .slice(0, 6);
      expect(Math.max(...lines.map(width))).to.be.at.most(columns);
      expect(lines[0]).to.contain('rows read').and.contain('in the table');
    });
  }
});

describe('previewTable', () => {
  it('writes NULL, nested values, dates and long integers, and cuts long texts', () => {
    const row = { n: null, s: { a: [1n] }, d: new Date(0), i: 2n ** 60n, t: 'x'.repeat(50) };
    const [, , line] = previewTable([row]);
    expect(line?.split(/ {2,}/)).to.deep.equal([
      'NULL',
      '{"a":[1]}',
      '1970-01-01T00:00:00.000Z',
      '1152921504606846976',
      `${'x'.repeat(23)}…`,
    ]);
  });

  it('lines up what a terminal shows wide', () => {
    const [head, rule, ...lines] = previewTable([{ name: '项目' }, { name: 'Ünï' }, { name: '🚀' }], { indent: '  ' });
    expect([head, rule]).to.deep.equal(['  name', '  ────']);
    expect(lines).to.deep.equal(['  项目', '  Ünï', '  🚀']);
    expect([width('项目'), width('Ünï'), width('🚀'), width('e\u0301')]).to.deep.equal([4, 3, 2, 1]);
  });

  it('leaves out the columns that a terminal has no room for', () => {
    const lines = previewTable([{ a: 'xxxx', b: 'yyyy', c: 'zzzz' }], { columns: 11 });
    expect(lines).to.deep.equal(['a     b', '────  ────', 'xxxx  yyyy', '… and 1 column more']);
  });

  it('shows control characters as dots, so that no value steers the terminal', () => {
    expect(previewTable([{ a: 'x\u001b[2Jy\nz' }])[2]).to.equal('x·[2Jy·z');
  });
});

describe('schemaTable', () => {
  it('has a column for the key where one is known', () => {
    expect(schemaTable([{ name: 'id', type: 'BIGINT', nullable: false, key: true }])).to.deep.equal([
      'column  type    nullable  key',
      '──────  ──────  ────────  ───',
      'id      BIGINT  no        yes',
    ]);
  });
});

describe('textTable', () => {
  it('is empty without rows', () => {
    expect(textTable([])).to.deep.equal([]);
  });

  it('cuts at whole characters', () => {
    expect(cut('项目管理', 5)).to.equal('项目…');
    expect(cut('short', 5)).to.equal('short');
  });
});

describe('numbers', () => {
  it('are written for a person', () => {
    expect([count(1234567), counted(1, 'row'), counted(0, 'row')]).to.deep.equal(['1,234,567', '1 row', '0 rows']);
    expect([size(999), size(1000), size(123_456_789)]).to.deep.equal(['999 B', '1.0 kB', '123 MB']);
    expect([duration(0.25), duration(75), duration(7260)]).to.deep.equal(['0.3 s', '1 min 15 s', '2 h 1 min']);
  });
});
