import { expect } from 'chai';
import { map, of } from 'rxjs';
import { confinedWith, isConfined, keepsConfined, markConfined } from '../../lib/core/index.js';

describe('what is confined', () => {
  const isMade = (...parts: unknown[]): boolean => isConfined(confinedWith({}, parts));

  it('is what was marked, and nothing like it', () => {
    const made = markConfined({ send: () => of(1) });
    expect(isConfined(made)).to.equal(true);
    expect(isConfined({ ...made })).to.equal(false);
  });

  it('is what was made of values', () => {
    expect(isMade()).to.equal(true);
    expect(isMade(undefined, null, 1, 'a', true, 1n, [1, [2]], { a: { b: [] } })).to.equal(true);
    expect(isMade({ tls: { ca: Buffer.from('a') } }, Object.create(null))).to.equal(true);
  });

  it('is not what was made of a function, wherever that is', () => {
    const work = () => 1;
    expect(isMade(work)).to.equal(false);
    expect(isMade({ delay: work })).to.equal(false);
    expect(isMade({ actions: [{ status: 404 }, { action: work }] })).to.equal(false);
    expect(isMade(1, class {})).to.equal(false);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(isMade(circle)).to.equal(false);
  });

  it('is not what was made of an object of a class, whose functions may be anywhere', () => {
    class Scheme {
      apply(): number {
        return 1;
      }
    }
    expect(isMade({ auth: new Scheme() })).to.equal(false);
    expect(isMade(Object.create({ apply: () => 1 }))).to.equal(false);
    expect(isMade(of(1))).to.equal(false);
  });

  it('is what was made of things that are', () => {
    expect(isMade({ auth: markConfined({ apply: () => 1 }) })).to.equal(true);
    expect(isMade(markConfined(() => 1))).to.equal(true);
    expect(isMade(markConfined(of(1)), { more: 1 })).to.equal(true);
    expect(isMade(markConfined(of(1)), () => 1)).to.equal(false);
  });

  it('stays so behind an operator that is', () => {
    const operator = keepsConfined(map((value: number) => value));
    expect(isConfined(markConfined(of(1)).pipe(operator))).to.equal(true);
    expect(isConfined(of(1).pipe(operator))).to.equal(false);
    expect(isConfined(markConfined(of(1)).pipe(map((value) => value)))).to.equal(false);
  });
});
