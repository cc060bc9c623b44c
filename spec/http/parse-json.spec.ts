// Numbers keep every digit, and hostile JSON does no harm.
import { expect } from 'chai';
import fc from 'fast-check';
import { ExactNumber, isExactNumber } from '../../lib/core/index.js';
import { mayHoldLongNumber, parseJson } from '../../lib/http/parse-json.js';

/** The digits that a parsed number stands for. */
function digits(value: unknown): string {
  return isExactNumber(value) ? value.text : String(value);
}

/** Numbers as JSON writes them, of any length and size. */
const numberText = fc
  .tuple(
    fc.boolean(),
    fc.stringMatching(/^(0|[1-9]\d{0,40})$/),
    fc.option(fc.stringMatching(/^\d{1,40}$/)),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), fc.integer({ min: 0, max: 420 }))),
  )
  .map(
    ([minus, whole, fraction, exponent]) =>
      `${minus ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : exponent.join('')}`,
  );

/** A number as a fraction of whole numbers, so that two texts can be compared exactly. */
function rational(text: string): { readonly over: bigint; readonly power: number } {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  let over = BigInt(`${sign}${whole}${fraction}`);
  let power = Number(exponent) - fraction.length;
  if (over === 0n) return { over, power: 0 };
  // `0 - 0` for an exponent of -0.
  power += 0;
  while (over % 10n === 0n) {
    over /= 10n;
    power += 1;
  }
  return { over, power };
}

describe('parseJson', () => {
  it('keeps the value of every number, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(numberText, { minLength: 1, maxLength: 5 }), fc.string(), (numbers, padding) => {
        const text = `{"pad":${JSON.stringify(padding)},"list":[${numbers.join(',')}]}`;
        const { list } = parseJson(text) as { list: unknown[] };
        for (const [index, value] of list.entries()) {
          expect(rational(digits(value))).to.deep.equal(rational(numbers[index] as string));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse on everything that a double holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const rounded = JSON.stringify(parseJson(text), (_, each) => (typeof each === 'bigint' ? Number(each) : each));
        expect(JSON.parse(rounded)).to.deep.equal(JSON.parse(JSON.stringify(JSON.parse(text))));
      }),
      { numRuns: 300 },
    );
  });

  it('gives long integers as bigint and long decimals as exact numbers, and no others', () => {
    const text =
      '[9007199254740991, 9007199254740992, 12345678901234567890, 0.12345678901234567890, 1.10, 1e400, 1e-400, 0.1]';
    const list = parseJson(text) as unknown[];
    expect(list.slice(0, 3)).to.deep.equal([9007199254740991, 9007199254740992n, 12345678901234567890n]);
    expect(list[3]).to.be.instanceOf(ExactNumber).and.have.property('text', '0.12345678901234567890');
    expect(list[4]).to.equal(1.1);
    expect(list.slice(5, 7).map(digits)).to.deep.equal(['1e400', '1e-400']);
    expect(list[7]).to.equal(0.1);
  });

  it('does not slow down for texts of digits, and for decimals that a double holds', () => {
    const text = JSON.stringify([
      { card: '4111111111111111', id: '12345678901234567890123', rate: 26.740000000000002 },
    ]);
    expect(mayHoldLongNumber(text)).to.equal(false);
  });

  for (const [how, tail] of [
    ['JSON.parse', ''],
    ['the lossless parser', ',"long":12345678901234567890'],
  ] as const) {
    describe(`with ${how}`, () => {
      it('takes __proto__ and constructor as names like any other', () => {
        const value = parseJson(
          `{"a":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}${tail}}`,
        );
        expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
        expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
        expect((value as Record<string, unknown>)['polluted']).to.equal(undefined);
      });

      it('takes the last of two values for one name', () => {
        expect(parseJson(`{"a":1,"a":{"b":2}${tail}}`)).to.have.deep.property('a', { b: 2 });
      });

      it('survives a hundred thousand levels, if only with a SyntaxError', () => {
        const deep = `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}${tail}}`;
        try {
          expect(parseJson(deep)).to.have.property('deep');
        } catch (error) {
          expect(error).to.be.instanceOf(SyntaxError);
        }
      });

      it('keeps lone surrogates', () => {
        expect(parseJson(`{"a":"\\ud800"${tail}}`)).to.have.property('a', '\ud800');
      });
    });
  }
});
