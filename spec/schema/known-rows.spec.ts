// What is taken for known without being parsed is what parsing would find nothing new in.
import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson } from '../../lib/http/parse-json.js';
import { KnownRows } from '../../lib/schema/known-rows.js';
import { Shape } from '../../lib/schema/shape.js';
import { compact, spaced } from '../core/json-texts.js';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('\\', '"', '/', '\u2028', '\ud800', '\u0000', '2024-02-29', '2024-02-30', '10:00:00', '9999-01-01'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.integer({ min: 0, max: 9 }),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 1e21, 1e-7, 0.1, 1.5, 2 ** 53, 123456789012345.6),
);
const keys = fc.oneof(fc.constantFrom('id', 'a', 'b', '1', '__proto__', 'é', 'q"', ''), fc.string({ maxLength: 3 }));
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    numbers,
    fc.boolean(),
    fc.constant(null),
    texts,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const records = fc.array(fc.record({ id: fc.integer(), a: values, b: values, é: texts }, { requiredKeys: ['id'] }), {
  minLength: 1,
  maxLength: 5,
});

function shapeOf(rows: readonly object[]): Shape {
  const shape = new Shape();
  for (const row of rows) shape.observe(row as Record<string, unknown>);
  return shape;
}

/** Whether the text is taken for known. Fails when it must not be. */
function isKnown(shape: Shape, bytes: Buffer): boolean {
  const scanned = new KnownRows(shape, { required: ['id'] }).scan(bytes, 0);
  if (scanned === undefined) return false;
  const text = bytes.subarray(0, scanned.end).toString();
  const rows = JSON.parse(text) as Record<string, unknown>[];
  expect(parseJson(text), 'every digit is kept').to.deep.equal(rows);
  expect(rows).to.have.length(scanned.count);
  const copy = shape.copy();
  const { version } = copy;
  for (const [index, row] of rows.entries()) {
    const own = bytes.subarray(scanned.bounds[2 * index], scanned.bounds[2 * index + 1]).toString();
    expect(JSON.parse(own)).to.deep.equal(row);
    expect(copy.observe(row), 'special').to.equal(false);
    expect(row['id'], 'the key').to.not.be.oneOf([null, undefined]);
    expect(own, 'it is one line').to.not.match(/[\n\r]/);
    if (scanned.isCanonical) expect(own).to.equal(JSON.stringify(row));
  }
  expect(copy.version, 'something new').to.equal(version);
  return true;
}

describe('KnownRows', () => {
  for (const [name, write] of Object.entries({ compact, spaced })) {
    it(`takes for known only what brings nothing new, of any records (${name})`, () => {
      let known = 0;
      fc.assert(
        fc.property(records, records, fc.boolean(), (before, now, areSame) => {
          const rows = areSame ? before : now;
          if (isKnown(shapeOf(before), Buffer.from(write(rows)))) known += 1;
        }),
        { numRuns: 2000 },
      );
      expect(known).to.be.above(100);
    });
  }

  it('takes no text for JSON that is not, wherever a byte is changed, added or missing', () => {
    let known = 0;
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(...Buffer.from('{}[]",:\\ \n\t0123456789.-+eEtfnu/')),
    );
    fc.assert(
      fc.property(
        records,
        fc.nat(),
        byte,
        fc.constantFrom(-1, 0, 1),
        fc.boolean(),
        (rows, at, other, more, isSpaced) => {
          const bytes = [...Buffer.from(isSpaced ? spaced(rows) : compact(rows))];
          bytes.splice(1 + (at % (bytes.length - 1)), more < 0 ? 0 : 1, ...(more > 0 ? [] : [other]));
          const text = Buffer.from(bytes);
          // What is no UTF-8 is not asked about.
          if (Buffer.from(text.toString()).equals(text) && isKnown(shapeOf(rows), text)) known += 1;
        },
      ),
      { numRuns: 4000 },
    );
    expect(known).to.be.above(100);
  });

  const usual = fc.record({
    id: fc.integer(),
    name: fc.string({ unit: 'grapheme' }),
    price: fc.integer({ min: -1e6, max: 1e6 }).map((cents) => cents / 100),
    flag: fc.option(fc.boolean()),
    at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
    owner: fc.record({ id: fc.nat(), tags: fc.array(fc.string({ maxLength: 3 })) }),
  });

  it('takes for known what was seen, of records as servers send them', () => {
    fc.assert(
      fc.property(fc.array(usual, { minLength: 1, maxLength: 20 }), fc.boolean(), (rows, isSpaced) => {
        const text = isSpaced ? spaced(rows) : compact(rows);
        const isHalfPair = /\\u[dD]/.test(text);
        expect(isKnown(shapeOf(rows), Buffer.from(text))).to.equal(!isHalfPair);
      }),
      { numRuns: 300 },
    );
  });

  const row = { id: 7, n: 5, d: 1.5, t: 'x', at: '2024-01-01', o: { a: 1 }, l: [1], m: null };
  const seen = shapeOf([row, { ...row, m: 'text' }]);
  const news: Readonly<Record<string, string>> = {
    'a new column': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null,"z":1}]',
    'a new field': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1,"b":1},"l":[1],"m":null}]',
    'a column that is missing for the first time':
      '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"m":null}]',
    'the first null': '[{"id":7,"n":null,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'more digits': '[{"id":70,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'more digits behind the point': '[{"id":7,"n":5,"d":1.25,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'a text where dates were': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-02-30","o":{"a":1},"l":[1],"m":null}]',
    'a number where texts were': '[{"id":7,"n":5,"d":1.5,"t":1,"at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'a list of texts': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":["1"],"m":null}]',
    'a zero with a sign': '[{"id":7,"n":-0,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'no key': '[{"id":null,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'a key given twice': '[{"id":7,"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'a field given twice': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1,"a":1},"l":[1],"m":null}]',
    'a record that is no object': '[7]',
    'a line feed between records': '[{"id":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}\n]',
    'a number that a double does not hold':
      '[{"id":9007199254740993,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
    'a key spelled otherwise': '[{"\\u0069d":7,"n":5,"d":1.5,"t":"x","at":"2024-01-01","o":{"a":1},"l":[1],"m":null}]',
  };
  for (const [what, text] of Object.entries(news)) {
    it(`leaves to the parser: ${what}`, () => {
      expect(isKnown(seen, Buffer.from(text))).to.equal(false);
    });
  }

  it('goes on with a shape that has seen more since', () => {
    const shape = shapeOf([{ id: 1 }]);
    const known = new KnownRows(shape, { required: ['id'] });
    const more = Buffer.from('[{"id":2,"a":"x"}]');
    expect(known.scan(more, 0)).to.equal(undefined);
    shape.observe({ id: 1, a: 'y' });
    expect(known.scan(more, 0)?.count).to.equal(1);
    expect(known.scan(Buffer.from('[{"a":"x","id":2},{"id":3}]'), 0)?.count).to.equal(2);
  });

  it('takes keys in any order, and does so again for the usual one', () => {
    const known = new KnownRows(shapeOf([{ id: 1, a: 1, b: 1 }]), { required: ['id'] });
    const rows = ['{"id":1,"a":1,"b":1}', '{"b":1,"a":1,"id":1}', '{"a":1,"id":1,"b":1}', '{"id":1,"a":1,"b":1}'];
    expect(known.scan(Buffer.from(`[${rows.join(',')}]`), 0)?.count).to.equal(4);
  });
});
