import { expect } from 'chai';
import { columnPolicy, displayType, resolve, Shape, storedChildren } from '../../lib/schema/index.js';
import { encoderOf, type Line, load, own, type Tables, tablesOf } from './nested-rows.js';

describe('NestedEncoder', () => {
  // What dlt 1.31 makes of this row, with the key id and the strategy upsert, down to the ids.
  const row = {
    id: 1,
    o: { x: 1, p: { q: [1, 2] } },
    l: [{ a: 1, m: [{ z: 1 }] }, 5, null, [7, [8]]],
    e: [],
    s: ['x'],
  };

  it('makes the tables, rows and ids that dlt makes', () => {
    const tables = load([row]);
    expect(Object.keys(tables).sort()).to.deep.equal(
      ['t', 't__l', 't__l__list', 't__l__list__list', 't__l__m', 't__o__p__q', 't__s'].sort(),
    );
    const root = 'z5jIxXIbUnmbKw';
    expect(tables['t']).to.deep.equal([{ id: 1, o__x: 1, _dlt_id: root }]);
    const link = (parent: string, index: number, id: string) => ({
      _dlt_root_id: root,
      _dlt_parent_id: parent,
      _dlt_list_idx: index,
      _dlt_id: id,
      __sluice_root: 0,
    });
    expect(tables['t__l']).to.deep.equal([
      { a: 1, ...link(root, 0, '6rVOW0pbUSjaAg') },
      { value: 5, ...link(root, 1, 'cOEyiQlNnfS7Kg') },
      { value: null, ...link(root, 2, 'Cp1mmOzZVgccuQ') },
      link(root, 3, '1tU/ZRXruaCudw'),
    ]);
    expect(tables['t__l__m']).to.deep.equal([{ z: 1, ...link('6rVOW0pbUSjaAg', 0, 'oBpk50+yc3vT7A') }]);
    expect(tables['t__l__list']).to.deep.equal([
      { value: 7, ...link('1tU/ZRXruaCudw', 0, 'HiS4cN5FWDC3Ag') },
      link('1tU/ZRXruaCudw', 1, '0sh4w3JqswVQzw'),
    ]);
    expect(tables['t__l__list__list']).to.deep.equal([{ value: 8, ...link('0sh4w3JqswVQzw', 0, 'tzUTeAYDjEtrDA') }]);
    expect(tables['t__s']).to.deep.equal([{ value: 'x', ...link(root, 0, 'TXHb3G6Pa40ACw') }]);
    expect(tables['t__o__p__q']?.map((line) => line['_dlt_id'])).to.deep.equal(['3zfRF+fugy24Jg', 'xob/sCohoQxb+g']);
  });

  describe('maxTableNesting', () => {
    const of = (maxTableNesting: number) => load([row], { maxTableNesting });

    it('0 keeps all as it is', () => {
      const { e: _, ...kept } = row;
      expect(own(of(0)['t']?.[0])).to.deep.equal({ ...kept, e: [] });
      expect(Object.keys(of(0))).to.deep.equal(['t']);
    });

    it('1 takes one level apart', () => {
      expect(Object.keys(of(1)).sort()).to.deep.equal(['t', 't__l', 't__s']);
      expect(own(of(1)['t']?.[0])).to.deep.equal({ id: 1, o__x: 1, o__p: { q: [1, 2] } });
      expect(of(1)['t__l']?.map(own)).to.deep.equal([
        { a: 1, m: [{ z: 1 }] },
        { value: 5 },
        { value: null },
        { list: [7, [8]] },
      ]);
    });

    it('2 takes two apart; a list within a list counts as two', () => {
      expect(Object.keys(of(2)).sort()).to.deep.equal(['t', 't__l', 't__l__m', 't__s']);
      expect(own(of(2)['t']?.[0])).to.deep.equal({ id: 1, o__x: 1, o__p__q: [1, 2] });
      expect(own(of(2)['t__l']?.[3])).to.deep.equal({ list: [7, [8]] });
    });

    it('3 takes three apart', () => {
      expect(Object.keys(of(3)).sort()).to.deep.equal(
        ['t', 't__l', 't__l__list', 't__l__m', 't__o__p__q', 't__s'].sort(),
      );
      expect(of(3)['t__l__list']?.map(own)).to.deep.equal([{ value: 7 }, { list: [8] }]);
    });

    it('is an integer of at least 0, and for child tables', () => {
      for (const maxTableNesting of [-1, 1.5, Number.NaN]) {
        expect(() => columnPolicy({ maxTableNesting }))
          .to.throw('maxTableNesting')
          .with.property('code', 'ERR_INVALID_OPTION');
      }
      expect(() => columnPolicy({ maxTableNesting: 1, nesting: 'json' })).to.throw("nesting: 'tables'");
    });
  });

  it('keeps what is declared as JSON, in the table and in child tables', () => {
    const rows = [{ id: 1, j: [1], l: [{ k: [2], m: [3] }] }];
    const columns = { j: { data_type: 'json' } } as const;
    const nestedHints = { l: { columns: { k: { data_type: 'json' } } } } as const;
    const tables = load(rows, { columns, nestedHints });
    expect(own(tables['t']?.[0])).to.deep.equal({ id: 1, j: [1] });
    expect(own(tables['t__l']?.[0])).to.deep.equal({ k: [2] });
    expect(tables['t__l__m']).to.have.length(1);
  });

  it('refuses hints that it does not know', () => {
    const nestedHints = { l: { primaryKey: 'id' } as object };
    expect(() => columnPolicy({ nestedHints }))
      .to.throw('nestedHints.l')
      .with.property('code', 'ERR_INVALID_OPTION');
  });

  it('names columns and tables in snake_case', () => {
    const tables = load([{ id: 1, lineItems: [{ unitPrice: 2, subItems: [1] }], anObject: { aKey: 1 } }], {
      naming: 'snake_case',
    });
    expect(Object.keys(tables)).to.deep.equal(['t', 't__line_items', 't__line_items__sub_items']);
    expect(own(tables['t']?.[0])).to.deep.equal({ id: 1, an_object__a_key: 1 });
    expect(own(tables['t__line_items']?.[0])).to.deep.equal({ unit_price: 2 });
  });

  it('gives lists whose names differ only by case tables of different names, or says so', () => {
    const rows = [{ id: 1, Tags: [1], tags: [2] }];
    expect(Object.keys(load(rows))).to.deep.equal(['t', 't__Tags', 't__tags_2']);
    expect(() => load(rows, { collisions: 'error' }))
      .to.throw('t__tags')
      .with.property('code', 'ERR_COLUMN_COLLISION');
  });

  it('takes an empty key for "_empty", and the key __proto__ for one like any other', () => {
    const tables = load([JSON.parse('{"id":1,"":[1],"__proto__":{"a":[2],"b":1}}')]);
    expect(Object.keys(tables)).to.deep.equal(['t', 't___empty', 't____proto____a']);
    expect(own(tables['t']?.[0])).to.deep.equal({ id: 1, __proto____b: 1 });
  });

  it('takes maps for objects and sets for lists, and leaves bytes and dates alone', () => {
    const row = { id: 1, map: new Map([['a', [1]]]), set: new Set([1]), bytes: new Uint8Array([1]), at: new Date(0) };
    const tables = load([row]);
    expect(Object.keys(tables)).to.deep.equal(['t', 't__map__a', 't__set']);
    expect(own(tables['t']?.[0])).to.deep.equal({ id: 1, bytes: 'AQ==', at: '1970-01-01T00:00:00.000Z' });
  });

  it('keeps every digit of numbers in lists', () => {
    const { children = [] } = encoderOf().encode([{ id: 1, n: [2n ** 64n] }], { page: 0 });
    expect(children[0]?.chunk.toString()).to.match(/^\{"value":18446744073709551616,/);
  });

  describe('ids', () => {
    const idsOf = (tables: Tables) => Object.values(tables).flatMap((lines) => lines.map((line) => line['_dlt_id']));

    it('of a key are the same in every load', () => {
      expect(idsOf(load([row]))).to.deep.equal(idsOf(load([{ ...row, s: ['y'] }])));
      expect(idsOf(load([{ ...row, id: 2 }]))).to.not.include.members(['z5jIxXIbUnmbKw']);
    });

    it('find the key under whatever name it came', () => {
      const renamed = load([{ Id: 1 }, { ID: 1 }].slice(0, 1), { keys: ['id'], naming: 'snake_case' });
      expect(renamed['t']?.[0]?.['_dlt_id']).to.equal('z5jIxXIbUnmbKw');
    });

    it('of content change with it', () => {
      const [before, after] = [row, { ...row, s: ['y'] }].map((each) => load([each], { identity: 'content' }));
      expect(before!['t']?.[0]?.['_dlt_id']).to.not.equal(after!['t']?.[0]?.['_dlt_id']);
    });

    it('of places are never the same twice', () => {
      const encoder = encoderOf({ keys: [] });
      const pages = [0, 2].map((before) => tablesOf(encoder.encode([row, row], { page: 1, before })));
      const ids = pages.flatMap(idsOf);
      expect(new Set(ids).size).to.equal(ids.length);
    });

    it('may come with the rows', () => {
      const tables = load([{ id: 1, _dlt_id: 'mine', l: [{ _dlt_id: 'its', m: [1] }] }]);
      expect(tables['t']?.[0]?.['_dlt_id']).to.equal('mine');
      expect(tables['t__l']?.[0]).to.include({ _dlt_parent_id: 'mine', _dlt_id: 'its' });
      expect(tables['t__l__m']?.[0]).to.include({ _dlt_root_id: 'mine', _dlt_parent_id: 'its' });
      expect(() => load([{ id: 1, _dlt_id: 5 }]))
        .to.throw('_dlt_id')
        .with.property('code', 'ERR_COLUMN_COLLISION');
    });

    it('have names that no other key may have', () => {
      expect(() => load([{ id: 1, l: [{ _dlt_list_idx: 1 }] }]))
        .to.throw('_dlt_list_idx')
        .with.property('code', 'ERR_COLUMN_COLLISION');
      expect(load([{ id: 1, _dlt_list_idx: 1 }])['t']?.[0]).to.include({ _dlt_list_idx: 1 });
    });
  });

  describe('contracts', () => {
    const strict = { id: { data_type: 'bigint' } } as const;

    it('leave out the rows of the lists of a row that is left out, and give it as it came', () => {
      const rows = [
        { id: 'no', l: [{ m: [1] }] },
        { id: 2, l: [{ m: [2] }] },
      ];
      const encoder = encoderOf({ keys: [], columns: strict, schemaContract: { data_type: 'discard_row' } });
      const encoded = encoder.encode(rows, { page: 4, before: 10 });
      expect(encoded.discarded.map((letter) => [letter.row, letter.origin])).to.deep.equal([
        [rows[0], { page: 4, index: 0 }],
      ]);
      const tables = tablesOf(encoded);
      expect(Object.values(tables).map((lines) => lines.length)).to.deep.equal([1, 1, 1]);
      expect(tables['t__l']?.[0]).to.include({ __sluice_root: 10 });
    });

    it('leave out the rows of the lists of a child row that is left out', () => {
      const rows = [
        {
          id: 1,
          l: [
            { id: 'no', m: [1] },
            { id: 2, m: [2, 3] },
          ],
        },
      ];
      const nestedHints = { l: { columns: strict, schemaContract: { data_type: 'discard_row' } } } as const;
      const encoded = encoderOf({ nestedHints }).encode(rows, { page: 4 });
      expect(Object.values(tablesOf(encoded)).map((lines) => lines.length)).to.deep.equal([1, 1, 2]);
      expect(encoded.discarded).to.deep.equal([]);
      expect(encoded.children?.[0]?.discarded.map(({ row }) => row)).to.deep.equal([{ id: 'no' }]);
      expect(encoded.children?.[0]?.issues[0]?.origin).to.deep.equal({ page: 4, index: 0 });
    });

    it('let a table have no new child tables', () => {
      const open = { shape: new Shape(), exists: true };
      const encode = (tables: 'freeze' | 'discard_row' | 'discard_value') =>
        columnPolicy({ nesting: 'tables', schemaContract: { tables } })
          .encoder({ table: 't', keys: ['id'], ...open })
          .encode([{ id: 1, l: [1, 2] }], { page: 7 });
      expect(() => encode('freeze'))
        .to.throw('t__l')
        .with.property('code', 'ERR_SCHEMA_CONTRACT');
      for (const mode of ['discard_row', 'discard_value'] as const) {
        const encoded = encode(mode);
        expect([encoded.rows, encoded.children]).to.deep.equal([1, undefined]);
        expect(encoded.issues.map(({ code, column, action }) => [code, column, action])).to.deep.equal([
          ['new_table', 'l', 'value discarded'],
        ]);
      }
    });
  });

  it('takes a row that refers to itself, also in a list, for an error that names it', () => {
    const within: unknown[] = [];
    within.push({ within });
    for (const row of [cyclic(), { id: 1, within }]) {
      expect(() => load([{ id: 0 }, row]))
        .to.throw('row 1 of page 3')
        .with.property('code', 'ERR_ROW');
    }
  });

  it('goes on from what was stored', () => {
    const before = encoderOf();
    before.encode([row, { id: 2, Tags: [1], tags: [1] }], { page: 0 });
    const stored = JSON.parse(JSON.stringify(before.toJSON()));
    const policy = columnPolicy({ nesting: 'tables' });
    const children = storedChildren(stored, (path) => policy.child(path).shape).map((child) => ({
      ...child,
      exists: false,
    }));
    const after = policy.encoder({
      table: 't',
      keys: ['id'],
      shape: Shape.fromJSON(stored, policy.shape),
      exists: false,
      children,
    });
    expect(after.toJSON()).to.deep.equal(before.toJSON());
    const { version } = after;
    const more = [{ id: 3, tags: ['x'] }];
    expect(tablesOf(after.encode(more, { page: 1 }))).to.deep.equal(tablesOf(before.encode(more, { page: 1 })));
    expect(after.version).to.not.equal(version);
  });

  it('gives every column of a child table its type', () => {
    const encoder = encoderOf();
    encoder.encode([{ id: 1, l: [{ a: 1, at: '2024-01-01T00:00:00Z' }, { a: 1.5 }, 'x'] }], { page: 0 });
    const policy = columnPolicy({ nesting: 'tables' }).child('l');
    const { columns } = resolve(encoder.children[0]!.encoder.shape, policy.resolve);
    expect(columns.map(({ name, type }) => `${name} ${displayType(type)}`)).to.deep.equal([
      'a DOUBLE',
      'at TIMESTAMP WITH TIME ZONE',
      'value VARCHAR',
      '_dlt_root_id VARCHAR',
      '_dlt_parent_id VARCHAR',
      '_dlt_list_idx BIGINT',
      '_dlt_id VARCHAR',
    ]);
  });
});

function cyclic(): Line {
  const row: Line = { id: 1 };
  row['self'] = { row };
  return row;
}
