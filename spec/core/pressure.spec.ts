// How much may be on its way between the walks of a run and its sinks.
import { setImmediate as later } from 'node:timers/promises';
import { expect } from 'chai';
import { Pressure } from '../../lib/core/index.js';

const mebibyte = 1024 * 1024;

describe('the pressure of a run', () => {
  /** Begins requests as long as there is room. */
  function askAll(pressure: Pressure, most = 1000): (() => void)[] {
    const asked: (() => void)[] = [];
    while (asked.length < most && pressure.allows()) asked.push(pressure.ask());
    return asked;
  }

  it('counts what all walks have asked for as pages like those that came', () => {
    const pressure = new Pressure({ bytes: 10 * mebibyte });
    const first = pressure.ask();
    first();
    for (let page = 0; page < 60; page++) {
      pressure.add(1, mebibyte);
      pressure.release(1, mebibyte);
    }
    expect(askAll(pressure)).to.have.length(10);
  });

  it('lets no more begin at once than there may be pages, as long as their size is not known', () => {
    expect(askAll(new Pressure())).to.have.length(16);
    expect(askAll(new Pressure({ pages: 2 }))).to.have.length(2);
  });

  it('allows one page, whatever its size', () => {
    const pressure = new Pressure({ bytes: mebibyte });
    pressure.add(1, 100 * mebibyte);
    expect(pressure.allows()).to.equal(false);
    pressure.release(1, 100 * mebibyte);
    expect(askAll(pressure)).to.have.length(1);
  });

  it('lets a server that has nothing to answer be asked for a page, whatever others have', async () => {
    const pressure = new Pressure();
    askAll(pressure);
    expect([pressure.allows(0, 'other'), pressure.allows()]).to.deep.equal([true, false]);
    const done = pressure.ask('other');
    expect(pressure.allows(0, 'other')).to.equal(false);
    const called: string[] = [];
    pressure.onRoom(() => called.push('first'));
    pressure.onRoom(() => called.push('other'), 'other');
    // As large as pages are taken to be before one has come: room for more is only where nothing is asked.
    pressure.add(1, 4 * mebibyte);
    done();
    pressure.release(1, 4 * mebibyte);
    await later();
    expect(called).to.deep.equal(['other']);
    pressure.add(15, 64 * mebibyte);
    expect(pressure.allows(0, 'third'), 'beyond what may be in memory').to.equal(false);
  });

  it('lets those go on that wait when a request ends of which nothing is taken in', async () => {
    const pressure = new Pressure();
    const [first] = askAll(pressure);
    let called = 0;
    pressure.onRoom(() => (called += 1));
    first!();
    first!();
    expect(called).to.equal(0);
    await later();
    expect(called).to.equal(1);
    expect(pressure.allows()).to.equal(true);
  });

  it('lets nobody go on before a page that has come is counted', async () => {
    const pressure = new Pressure({ bytes: 4 * mebibyte });
    const [first] = askAll(pressure);
    let called = 0;
    pressure.onRoom(() => (called += 1));
    first!();
    pressure.add(1, 4 * mebibyte);
    await later();
    expect(called).to.equal(0);
    pressure.release(1, 4 * mebibyte);
    expect(called).to.equal(0);
  });
});
