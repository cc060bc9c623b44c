// Countdowns share one timer: each ends at its own time all the same.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Stop } from '../../lib/http/stop.js';
import { countdown, TimeoutPassed } from '../../lib/http/timeouts.js';

/** A stop that tells when it aborts. */
function watched(name: string, ended: string[] = []) {
  const stop = new Stop();
  const over = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => {
      ended.push(name);
      resolve();
    });
  });
  return { stop, over };
}

const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;

function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

describe('countdown', () => {
  it('aborts with what did not come in time', async () => {
    const { stop, over } = watched('a');
    const began = performance.now();
    countdown(stop, 20, 'no answer');
    await over;
    expect(stop.reason).to.be.instanceOf(TimeoutPassed).with.property('message', 'no answer within 0.02 s');
    expect(performance.now() - began).to.be.at.least(19);
  });

  it('ends at its own time, whichever began first, and again after all have ended', async () => {
    const ended: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const all = [60, 5, 30].map((milliseconds) => {
        const { stop, over } = watched(`${milliseconds}`, ended);
        countdown(stop, milliseconds, '');
        return over;
      });
      await Promise.all(all);
    }
    expect(ended).to.deep.equal(['5', '30', '60', '5', '30', '60']);
  });

  it('begins again', async () => {
    const ended: string[] = [];
    const other = watched('other', ended);
    const restarted = watched('restarted', ended);
    countdown(other.stop, 40, '');
    const running = countdown(restarted.stop, 30, '');
    block(20);
    running.restart();
    await Promise.all([other.over, restarted.over]);
    expect(ended).to.deep.equal(['other', 'restarted']);
  });

  it('keeps the process alive while it runs, and not when it was stopped', () => {
    const before = timers();
    const { stop } = watched('a');
    const first = countdown(stop, 60_000, '');
    const second = countdown(stop, 30_000, '');
    expect(timers()).to.equal(before + 1);
    first.stop();
    first.stop();
    expect(timers()).to.equal(before + 1);
    second.stop();
    expect(timers()).to.equal(before);
    // The timer is there still.
    const third = countdown(stop, 60_000, '');
    expect(timers()).to.equal(before + 1);
    third.stop();
    expect(timers()).to.equal(before);
  });

  it('gives one that slept through its end a moment for what has come meanwhile, once', async () => {
    const { stop, over } = watched('a');
    countdown(stop, 20, 'no answer');
    block(600);
    await nextTurn();
    await nextTurn();
    expect(stop.aborted).to.equal(false);
    block(600);
    await over;
  });

  it('does not apply where there is none, or where it is longer than a timer can wait', () => {
    const before = timers();
    const { stop } = watched('a');
    for (const milliseconds of [undefined, 3e9, Number.POSITIVE_INFINITY]) countdown(stop, milliseconds, '').restart();
    expect(timers()).to.equal(before);
  });
});
