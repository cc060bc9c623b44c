// Lines put together as bytes: the same bytes as of one text, whatever the characters and however much was expected.
import { toUSVString } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { LineBuffer } from '../../lib/schema/line-buffer.js';

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.nat(30_000).map((length) => 'x'.repeat(length)),
  fc.nat(9000).map((length) => 'ä€🚀'.repeat(length)),
);

describe('a buffer of lines', () => {
  it('has the bytes of the text, and the size of its longest line', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.nat(5000), (texts, expected) => {
        const lines = texts.map((text) => toUSVString(text.replaceAll('\n', ' ')));
        const buffer = new LineBuffer(expected);
        for (const each of lines) buffer.add(each);
        const { chunk, longestLine } = buffer.end();
        expect(chunk.equals(Buffer.from(lines.map((each) => `${each}\n`).join('')))).to.equal(true);
        expect(longestLine).to.equal(Math.max(0, ...lines.map((each) => Buffer.byteLength(each))));
      }),
    );
  });
});
