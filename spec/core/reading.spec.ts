// A body of which only what is around the records is parsed is the body that JSON.parse makes.
import { expect } from 'chai';
import fc from 'fast-check';
import { Reading, type RowScanner, unreadOf } from '../../lib/core/index.js';
import { parsePlain } from '../../lib/http/parse-json.js';
import { KnownRows } from '../../lib/schema/known-rows.js';
import { Shape } from '../../lib/schema/shape.js';

function scannerOf(rows: readonly Record<string, unknown>[]): RowScanner {
  const shape = new Shape();
  for (const row of rows) shape.observe(row);
  return new KnownRows(shape);
}

const rows = [
  { id: 1, t: 'a', data: [1] },
  { id: 2, t: '],"data":[', data: [] },
  { id: 3, t: 'é"\\', data: [2] },
];

function read(text: string, path = 'data', records = rows) {
  const reading = new Reading();
  reading.offer(path, scannerOf(records));
  return reading.read(Buffer.from(text), parsePlain);
}

const texts = fc.oneof(fc.string(), fc.constantFrom('"data":[', '\\', '"', '[', ']', '{"data":[]}'));
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constantFrom(true, false, null, 1.5),
    texts,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(texts, fc.constantFrom('data', 'page', 'items')), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const around = fc.array(fc.tuple(fc.oneof(texts, fc.constantFrom('total', 'page', 'items')), values), { maxLength: 4 });

/** An object of these members, as text: with names twice where the members have them twice. */
const object = (members: readonly (readonly [string, string])[], indent: string) =>
  `{${indent}${members.map(([name, text]) => `${JSON.stringify(name)}:${indent}${text}`).join(`${indent},`)}${indent}}`;

describe('Reading', () => {
  it('gives the value that JSON.parse gives, whatever stands around the records', () => {
    let known = 0;
    const places = fc.tuple(
      around,
      around,
      around,
      fc.constantFrom('', ' ', '\n\t'),
      fc.constantFrom('data', 'page.data', '$'),
    );
    fc.assert(
      fc.property(places, fc.subarray(rows), ([before, after, outer, indent, path], some) => {
        const write = (members: typeof before) =>
          members.map(([name, value]) => [name, JSON.stringify(value)] as const);
        const list = JSON.stringify(some);
        const inner = object([...write(before), ['data', list], ...write(after)], indent);
        const text = path === '$' ? list : path === 'data' ? inner : object([...write(outer), ['page', inner]], indent);
        const body = read(text, path);
        if (body === undefined) return;
        known += 1;
        expect(body.unread!.count).to.equal(some.length);
        expect(JSON.parse(JSON.stringify(body.value))).to.deep.equal(JSON.parse(text));
        expect(body.unread!.bodyText()).to.equal(text);
        const lines = body.unread!.lines().chunk.toString();
        expect(
          lines
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line)),
        ).to.deep.equal(some);
        expect(body.unread!.bodyText(), 'after it was cut').to.equal(text);
      }),
      { numRuns: 1000 },
    );
    expect(known).to.be.above(400);
  });

  it('takes no body for JSON that is not, wherever a byte is changed', () => {
    const text = JSON.stringify({ page: { a: '}', n: -1.5, data: rows, b: [{}] }, total: 3 });
    const byte = fc.oneof(fc.integer({ min: 0, max: 127 }), fc.constantFrom(...Buffer.from('{}[]",:\\ \n0-t')));
    fc.assert(
      fc.property(fc.nat(text.length - 1), byte, fc.boolean(), (at, other, isMore) => {
        const changed = text.slice(0, at) + String.fromCharCode(other) + text.slice(isMore ? at : at + 1);
        const body = read(changed, 'page.data');
        if (body) expect(JSON.parse(JSON.stringify(body.value))).to.deep.equal(JSON.parse(changed));
      }),
      { numRuns: 4000 },
    );
  });

  const left: Readonly<Record<string, string>> = {
    'a list that stands there twice': `{"data":${JSON.stringify(rows)},"data":[{"id":1,"t":"","data":[]}]}`,
    'a list whose name is spelled otherwise the second time': `{"data":${JSON.stringify(rows)},"d\\u0061ta":[]}`,
    'no list': '{"data":null}',
    'another name': `{"items":${JSON.stringify(rows)}}`,
    'a body that ends too early': `{"data":${JSON.stringify(rows)}`,
    'a body with more behind it': `{"data":${JSON.stringify(rows)}}{}`,
    'a number around the list that a double does not hold': `{"data":${JSON.stringify(rows)},"next":9007199254740993}`,
  };
  for (const [what, text] of Object.entries(left)) {
    it(`leaves to the parser: ${what}`, () => {
      expect(read(text)).to.equal(undefined);
    });
  }

  it('leaves to the parser what is no UTF-8', () => {
    const reading = new Reading();
    reading.offer('data', scannerOf(rows));
    const bytes = Buffer.from(JSON.stringify({ data: rows }), 'latin1');
    expect(reading.read(bytes, parsePlain)).to.equal(undefined);
  });

  it('makes values of the records that are looked at, and of all when many are', () => {
    const many = Array.from({ length: 40 }, (_, id) => ({ id, t: 'x', data: [1] }));
    const reading = new Reading();
    reading.offer('data', scannerOf(many));
    const body = reading.read(Buffer.from(JSON.stringify({ data: many })), parsePlain)!;
    const { data } = body.value as { data: readonly unknown[] };
    expect(unreadOf(data)).to.equal(body.unread);
    expect(data.length).to.equal(40);
    expect(data[39]).to.deep.equal(many[39]);
    expect(data.at(-2)).to.deep.equal(many[38]);
    expect(reading.read(Buffer.from(JSON.stringify({ data: many })), parsePlain), 'goes on').to.not.equal(undefined);
    expect([...data]).to.deep.equal(many);
    expect(data.map((row) => row)).to.deep.equal(many);
    expect(JSON.stringify(data)).to.equal(JSON.stringify(many));
    expect(Object.keys(data)).to.deep.equal(Object.keys(many));
    expect(data.slice(3, 5)).to.deep.equal(many.slice(3, 5));
    expect(reading.read(Buffer.from(JSON.stringify({ data: many })), parsePlain), 'is over').to.equal(undefined);
  });

  it('is over where two want to read, and after bodies that were looked at in vain', () => {
    const text = Buffer.from(JSON.stringify({ data: rows }));
    const two = new Reading();
    two.offer('data', scannerOf(rows));
    two.offer('data', scannerOf(rows));
    expect(two.read(text, parsePlain)).to.equal(undefined);
    const vain = new Reading();
    vain.offer('data', scannerOf(rows));
    for (let time = 0; time < 8; time += 1) {
      expect(vain.read(text, parsePlain)).to.not.equal(undefined);
      vain.read(Buffer.from('{"data":[{"new":1}]}'), parsePlain);
    }
    for (let time = 0; time < 8; time += 1) vain.read(Buffer.from('{"data":[{"new":1}]}'), parsePlain);
    expect(vain.read(text, parsePlain)).to.equal(undefined);
  });
});
