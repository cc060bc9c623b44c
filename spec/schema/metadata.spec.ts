// What a file says of its table, written and read back; and the differences that a receipt shows.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeMetadata,
  encodeMetadata,
  RowEncoder,
  resolve,
  SchemaError,
  schemaChanges,
} from '../../lib/schema/index.js';
import { rows } from './values.js';

function metadataOf(list: readonly unknown[]) {
  const { shape, ...encoder } = new RowEncoder();
  void encoder;
  new RowEncoder({ shape }).encode(list, { page: 0 });
  return { table: 't', loadId: 'load-1', columns: resolve(shape).columns, primaryKey: ['id'], shape, writer: '1.2.3' };
}

describe('file metadata', () => {
  it('is read back as it was written, for any table', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const metadata = metadataOf(list);
        const read = decodeMetadata(encodeMetadata(metadata));
        expect({ ...read, shape: read.shape.toJSON() }).to.deep.equal({ ...metadata, shape: metadata.shape.toJSON() });
      }),
    );
  });

  it('keeps descriptions and decimals', () => {
    const { columns: _, ...rest } = metadataOf([{ id: 1 }]);
    const columns = [
      { name: 'p', type: { kind: 'decimal', precision: 38, scale: 2 }, nullable: false, description: 'net price' },
    ] as const;
    expect(decodeMetadata(encodeMetadata({ ...rest, columns })).columns).to.deep.equal(columns);
  });

  it('is refused when it is damaged or newer', () => {
    const text = encodeMetadata(metadataOf([{ id: 1, o: { a: 1 } }]));
    const damaged = [
      '',
      '[]',
      text.slice(0, -1),
      text.replace('"version":1', '"version":2'),
      text.replace('"table":"t",', ''),
      text.replace('"bigint"', '"bignum"'),
      text.replace('"primaryKey":["id"]', '"primaryKey":[1]'),
      text.replace('"shape":{', '"shape":{"version":9,"was":'.replace('"was":', '"x":{}},"y":{')),
    ];
    for (const each of damaged) {
      expect(() => decodeMetadata(each), each)
        .to.throw(SchemaError)
        .with.property('code', 'ERR_SCHEMA_METADATA');
    }
  });
});

describe('schemaChanges', () => {
  it('lists what was added, widened, and became nullable', () => {
    const shape = new RowEncoder().shape;
    const encoder = new RowEncoder({ shape });
    encoder.encode([{ id: 1, n: 1, o: { a: 1 } }], { page: 0 });
    const before = resolve(shape);
    encoder.encode(
      [
        { id: 2, n: 1.5, o: { a: 1, b: 'x' }, extra: true },
        { id: 3, o: null, n: 1 },
      ],
      { page: 1 },
    );
    expect(schemaChanges(before, resolve(shape))).to.deep.equal([
      { column: 'n', change: 'widened', from: 'BIGINT', to: 'DOUBLE' },
      { column: 'o', change: 'widened', from: 'STRUCT(a BIGINT)', to: 'STRUCT(a BIGINT, b VARCHAR)' },
      { column: 'o', change: 'nullable', to: 'STRUCT(a BIGINT, b VARCHAR)' },
      { column: 'extra', change: 'added', to: 'BOOLEAN' },
    ]);
    expect(schemaChanges(before, before)).to.deep.equal([]);
    expect(schemaChanges(undefined, before).map(({ change }) => change)).to.deep.equal(['added', 'added', 'added']);
  });
});
