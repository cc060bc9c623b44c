// Declared columns in all the forms that a user may give them.
import { expect } from 'chai';
import { z } from 'zod';
import { OptionError } from '../../lib/core/index.js';
import { type ColumnsOption, columnHints, displayType } from '../../lib/schema/index.js';

function types(columns: ColumnsOption): Record<string, string | undefined> {
  return Object.fromEntries(columnHints(columns).map(({ name, type }) => [name, type && displayType(type)]));
}

describe('columnHints', () => {
  it("reads dlt's keys from an object and from a list", () => {
    const price = { data_type: 'decimal', precision: 18, scale: 2, nullable: false, description: 'net' } as const;
    const expected = [
      { name: 'id', primaryKey: true },
      { name: 'price', type: { kind: 'decimal', precision: 18, scale: 2 }, nullable: false, description: 'net' },
    ];
    expect(columnHints({ id: { primary_key: true }, price })).to.deep.equal(expected);
    expect(
      columnHints([
        { name: 'id', primary_key: true },
        { ...price, name: 'price' },
      ]),
    ).to.deep.equal(expected);
    expect(
      columnHints({ key: { name: 'other', merge_key: true, unique: true, dedup_sort: 'desc', hard_delete: true } }),
    ).to.deep.equal([{ name: 'other', mergeKey: true, unique: true, dedupSort: 'desc', hardDelete: true }]);
  });

  it("knows all of dlt's types", () => {
    const names = [
      'text',
      'double',
      'bool',
      'timestamp',
      'date',
      'time',
      'bigint',
      'binary',
      'json',
      'complex',
      'decimal',
      'wei',
    ] as const;
    expect(types(Object.fromEntries(names.map((name) => [name, { data_type: name }])))).to.deep.equal({
      text: 'VARCHAR',
      double: 'DOUBLE',
      bool: 'BOOLEAN',
      timestamp: 'TIMESTAMP WITH TIME ZONE',
      date: 'DATE',
      time: 'TIME',
      bigint: 'BIGINT',
      binary: 'BLOB',
      json: 'JSON',
      complex: 'JSON',
      decimal: 'DECIMAL(38,9)',
      wei: 'DECIMAL(38,0)',
    });
  });

  it('reads a zod schema, with what JSON has no word for', () => {
    const schema = z.object({
      id: z.int(),
      big: z.bigint(),
      name: z.string().nullable().describe('full name'),
      at: z.iso.datetime({ offset: true }),
      day: z.iso.date(),
      made: z.date(),
      price: z.number().optional(),
      tags: z.array(z.string()),
      owner: z.object({ id: z.int(), admin: z.boolean() }),
      state: z.enum(['open', 'closed']),
      either: z.union([z.string(), z.number()]),
      anything: z.any(),
      map: z.record(z.string(), z.number()),
    });
    expect(types(schema)).to.deep.equal({
      id: 'BIGINT',
      big: 'BIGINT',
      name: 'VARCHAR',
      at: 'TIMESTAMP WITH TIME ZONE',
      day: 'DATE',
      made: 'TIMESTAMP WITH TIME ZONE',
      price: 'DOUBLE',
      tags: 'VARCHAR[]',
      owner: 'STRUCT(id BIGINT, admin BOOLEAN)',
      state: 'VARCHAR',
      either: undefined,
      anything: undefined,
      map: 'JSON',
    });
    const hints = new Map(columnHints(schema).map((hint) => [hint.name, hint]));
    expect(hints.get('id')).to.include({ nullable: false });
    expect(hints.get('name')).to.include({ nullable: true, description: 'full name' });
    expect(hints.get('price')).to.include({ nullable: true });
  });

  it('reads a JSON Schema: references, types with null, alternatives, enumerations', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: '#/definitions/project',
      definitions: {
        project: {
          type: 'object',
          required: ['id', 'state', 'parent'],
          properties: {
            id: { type: 'integer' },
            state: { enum: ['a', 'b', null] },
            count: { anyOf: [{ type: 'number' }, { type: 'integer' }, { type: 'null' }] },
            owner: { $ref: '#/definitions/a~1person', description: 'who' },
            parent: { $ref: '#/definitions/project' },
            photo: { type: 'string', contentEncoding: 'base64' },
            both: { type: ['string', 'integer'] },
            old: { type: 'string', nullable: true },
            list: { type: 'array' },
            whatever: true,
          },
        },
        'a/person': {
          type: 'object',
          properties: { name: { type: 'string' }, born: { type: 'string', format: 'date' } },
        },
      },
    };
    const { parent, ...rest } = types(schema);
    expect(rest).to.deep.equal({
      id: 'BIGINT',
      state: 'VARCHAR',
      count: 'DOUBLE',
      owner: 'STRUCT("name" VARCHAR, born DATE)'.replaceAll('"', ''),
      photo: 'BLOB',
      both: undefined,
      old: 'VARCHAR',
      list: 'JSON',
      whatever: undefined,
    });
    // A schema that contains itself ends somewhere.
    expect(parent).to.equal('JSON');
    const hints = columnHints(schema);
    expect(hints.filter(({ nullable }) => !nullable).map(({ name }) => name)).to.deep.equal(['id', 'parent']);
    expect(hints.find(({ name }) => name === 'owner')).to.include({ description: 'who' });
  });

  it('takes an object with a column called properties for what it is', () => {
    expect(types({ properties: { data_type: 'json' }, type: { data_type: 'text' } })).to.deep.equal({
      properties: 'JSON',
      type: 'VARCHAR',
    });
  });

  const wrong: readonly (readonly [what: string, columns: unknown, message: string])[] = [
    ['no columns', 'id', 'give an object'],
    ['an unknown type', { a: { data_type: 'varchar' } }, 'columns.a.data_type: there is no type "varchar"'],
    ['a type that objects have by nature', { a: { data_type: 'toString' } }, 'there is no type "toString"'],
    ['a scale beyond the precision', { a: { data_type: 'decimal', precision: 5, scale: 6 } }, 'decimal(5,6)'],
    ['a precision beyond 38', { a: { data_type: 'decimal', precision: 39 } }, 'decimal(39,9)'],
    ['a column without a name', [{ data_type: 'text' }], 'columns[0]: the column has no name'],
    ['a column that is no object', { a: 'text' }, 'columns.a'],
    ['a column twice', [{ name: 'a' }, { name: 'a' }], '"a" is declared twice'],
    [
      'a JSON Schema of something else',
      { $schema: 'x', type: 'object', properties: {}, $ref: '#/nowhere' },
      '#/nowhere leads nowhere',
    ],
    ['a schema that refers to itself alone', { type: 'object', properties: {}, $ref: '#' }, 'leads nowhere'],
    ['a library that cannot', { '~standard': { vendor: 'some', version: 1 } }, 'this version of some'],
  ];
  for (const [what, columns, message] of wrong) {
    it(`refuses ${what}`, () => {
      expect(() => columnHints(columns as ColumnsOption))
        .to.throw(OptionError)
        .with.property('message')
        .that.contains(message);
    });
  }
});
