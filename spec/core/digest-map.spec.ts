// Names and their numbers, of which only digests are kept.
import { expect } from 'chai';
import fc from 'fast-check';
import { DigestMap } from '../../lib/core/index.js';

describe('a digest map', () => {
  it('holds what a Map holds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat(0xff_ff_ff_fe))), (entries) => {
        const map = new DigestMap();
        for (const [name, value] of entries) map.set(name, value);
        const expected = new Map(entries);
        expect(map.size).to.equal(expected.size);
        for (const [name, value] of expected) expect(map.get(name)).to.equal(value);
        expect(map.has('longer than all of them')).to.equal(false);
      }),
    );
  });

  it('keeps thousands of names apart', () => {
    const map = new DigestMap();
    for (let number = 0; number < 20_000; number += 1) map.set(`name ${number}`, number);
    expect(map.size).to.equal(20_000);
    for (let number = 0; number < 20_000; number += 1) expect(map.get(`name ${number}`)).to.equal(number);
    expect(map.get('name 20000')).to.equal(undefined);
  });
});
