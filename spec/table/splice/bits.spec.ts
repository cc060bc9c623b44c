// Sets of rows as DuckDB stores them: what is counted of them.
import { expect } from 'chai';
import fc from 'fast-check';
import { countBits } from '../../../lib/table/splice/bits.js';

/** A BIT as DuckDB lays it out: the number of padding bits, padding of ones, and the bits. */
function bitsOf(values: readonly boolean[]): { data: Uint8Array } {
  const padding = (8 - (values.length % 8)) % 8;
  const all = [...Array.from({ length: padding }, () => true), ...values];
  const bytes = Array.from({ length: all.length / 8 }, (_, byte) =>
    all.slice(byte * 8, byte * 8 + 8).reduce((sum, bit) => sum * 2 + Number(bit), 0),
  );
  return { data: Uint8Array.of(padding, ...bytes) };
}

describe('a set of rows as bits', () => {
  const values = fc.array(fc.boolean(), { minLength: 1, maxLength: 200 });

  it('counts those of a range', () => {
    fc.assert(
      fc.property(values, fc.nat(200), fc.nat(200), (set, one, other) => {
        const [from, to] = [Math.min(one, other, set.length), Math.min(Math.max(one, other), set.length)];
        expect(countBits(bitsOf(set), from, to)).to.equal(set.slice(from, to).filter(Boolean).length);
      }),
    );
  });
});
