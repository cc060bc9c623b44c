// Records cut out of a body are the records that JSON.parse finds there.
import { expect } from 'chai';
import fc from 'fast-check';
import { rawLines } from '../../lib/core/raw-rows.js';
import { compact, spaced } from './json-texts.js';

function cut(text: string, path = 'data', pick: (body: never) => unknown = (body: { data: unknown }) => body.data) {
  const value: unknown = JSON.parse(text);
  const rows = pick(value as never) as unknown[];
  const lines = rawLines({ bytes: Buffer.from(text), value, path }, rows);
  return lines && { ...lines, texts: lines.chunk.toString().slice(0, -1).split('\n') };
}

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('},{"id":', '}, {"id": ', '"data":[', '\\', '\\"', '\u2028'),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    texts,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(texts, fc.constantFrom('id', 'data', 'total')), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const rows = fc.array(
  fc.record(
    { id: values, a: values, items: fc.array(fc.record({ id: fc.integer(), name: texts }), { maxLength: 3 }) },
    { requiredKeys: ['id'] },
  ),
  { maxLength: 6 },
);
const bodies = fc.record({ meta: values, data: rows, total: fc.integer(), next: texts });

describe('rawLines', () => {
  for (const [name, write] of Object.entries({ compact, spaced })) {
    it(`cuts out what JSON.parse finds, or nothing, of any body (${name})`, () => {
      let cuts = 0;
      fc.assert(
        fc.property(bodies, (body) => {
          const lines = cut(write(body));
          if (lines === undefined) return;
          cuts += 1;
          expect(lines.texts.map((line) => JSON.parse(line))).to.deep.equal(JSON.parse(JSON.stringify(body.data)));
          expect(lines.longestLine).to.equal(Math.max(...lines.texts.map((line) => Buffer.byteLength(line))));
        }),
        { numRuns: 500 },
      );
      expect(cuts).to.be.above(50);
    });
  }

  it('cuts the list of the whole body, of one key, and of a path', () => {
    expect(cut('[{"id":1},{"id":2}]', '$', (body) => body)?.texts).to.deep.equal(['{"id":1}', '{"id":2}']);
    expect(cut('{"data":[{"id":1}],"total":1}\n')?.texts).to.deep.equal(['{"id":1}']);
    const nested = '{"a":1,"result":{"ok":true,"items":[{"id":1,"x":[1,2]},{"id":2}],"n":2},"z":[3]}';
    const lines = cut(nested, 'result.items', (body: { result: { items: unknown } }) => body.result.items);
    expect(lines?.texts).to.deep.equal(['{"id":1,"x":[1,2]}', '{"id":2}']);
  });

  for (const [what, text] of Object.entries({
    'records that begin with different keys': '{"data":[{"id":1,"x":[{"id":5},{"id":6}]},{"name":2}]}',
    'borders inside a record': '{"data":[{"id":1,"items":[{"id":5},{"id":6}]},{"id":2}]}',
    'keys that are numbers, which JavaScript puts first': '{"data":[{"b":1,"1":2},{"b":1,"1":2}]}',
    'an empty record': '{"data":[{},{"id":2}]}',
    'no records': '{"data":[]}',
    'line feeds between the members': '{"data":[{"id":1,\n"a":2},{"id":2}]}',
    'a list given twice': '{"data":[{"id":1}],"total":1,"data":[{"id":2}],"total":1}',
    'a total written in another way': '{"data":[{"id":1},{"id":2}],"total":1.0}',
    'half of a pair of surrogates': '{"data":[{"id":"\\ud800"},{"id":2}]}',
    'a list of texts': '{"data":["a","b"]}',
    'records in an indented body': JSON.stringify({ data: [{ id: 1 }, { id: 2 }] }, null, 2),
  })) {
    it(`leaves ${what} to others`, () => {
      expect(cut(text)).to.equal(undefined);
    });
  }

  it('leaves what is no UTF-8 to others', () => {
    const bytes = Buffer.concat([Buffer.from('{"data":[{"id":"'), Buffer.from([0xff]), Buffer.from('"}]}')]);
    const value = JSON.parse(bytes.toString()) as { data: unknown[] };
    expect(rawLines({ bytes, value, path: 'data' }, value.data)).to.equal(undefined);
  });
});
