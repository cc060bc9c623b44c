import { AsyncResource } from 'node:async_hooks';
import { expect } from 'chai';
import { Ambient } from '../../lib/core/index.js';
import { asyncContextsOf } from './async-contexts.js';

describe('an ambient value', () => {
  let ambient: Ambient<string>;
  beforeEach(() => {
    ambient = new Ambient();
  });
  /** What is found now, after a promise, and after a timer. */
  const found = async () => {
    const now = ambient.get();
    await Promise.resolve();
    const soon = ambient.get();
    await new Promise((resolve) => setImmediate(resolve));
    return [now, soon, ambient.get()];
  };

  it('is not there where none is set', async () => {
    expect(await found()).to.deep.equal([undefined, undefined, undefined]);
  });

  it('is found by all that `run` starts, whenever that runs, and by nothing else', async () => {
    const started = ambient.run('a', found);
    expect(ambient.get()).to.equal(undefined);
    expect(await started).to.deep.equal(['a', 'a', 'a']);
  });

  it('is found within `runNow` until that returns', async () => {
    const started = ambient.runNow('a', found);
    expect(ambient.get()).to.equal(undefined);
    expect(await started).to.deep.equal(['a', undefined, undefined]);
  });

  it('costs no promise anything with `runNow`', async () => {
    expect(await asyncContextsOf(() => ambient.runNow('a', found))).to.equal(0);
    expect(await asyncContextsOf(() => ambient.run('a', found))).to.equal(1);
  });

  it('is gone when the work throws', () => {
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => ambient.run('a', fail)).to.throw('no');
    expect(() => ambient.runNow('a', fail)).to.throw('no');
    expect(() => ambient.run('a', () => ambient.runNow('b', fail))).to.throw('no');
    expect(ambient.get()).to.equal(undefined);
  });

  it('is the innermost, however they are set in one another', async () => {
    const ways = ['run', 'runNow'] as const;
    for (const outer of ways) {
      for (const middle of ways) {
        for (const inner of ways) {
          const seen: (string | undefined)[] = [];
          const note = () => seen.push(ambient.get());
          ambient[outer]('a', () => {
            note();
            ambient[middle]('b', () => {
              note();
              // The outer one again, as in a run that subscribes to something of its own from within another.
              ambient[inner]('a', note);
              note();
            });
            note();
          });
          note();
          expect(seen, `${outer} ${middle} ${inner}`).to.deep.equal(['a', 'b', 'a', 'b', 'a', undefined]);
        }
      }
    }
  });

  it('is later that of the innermost `run`', async () => {
    expect(await ambient.run('a', () => ambient.runNow('b', found))).to.deep.equal(['b', 'a', 'a']);
    expect(await ambient.runNow('a', () => ambient.run('b', found))).to.deep.equal(['b', 'b', 'b']);
  });

  it('is not mixed up between those that run at once', async () => {
    const both = await Promise.all([
      ambient.run('a', found),
      ambient.runNow('b', found),
      ambient.run('c', found),
      found(),
    ]);
    expect(both).to.deep.equal([
      ['a', 'a', 'a'],
      ['b', undefined, undefined],
      ['c', 'c', 'c'],
      [undefined, undefined, undefined],
    ]);
  });

  it('is not found by what belongs to another context and is only called from here', () => {
    const bound = ambient.run('a', () => AsyncResource.bind(() => ambient.get()));
    expect(ambient.runNow('b', bound)).to.equal('a');
    expect(ambient.run('c', () => ambient.runNow('b', bound))).to.equal('a');
  });
});
