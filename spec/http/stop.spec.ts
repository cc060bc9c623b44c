// What ends an attempt behaves as the platform's controller and its signal do.
import { expect } from 'chai';
import { Stop } from '../../lib/http/stop.js';

describe('Stop', () => {
  it('tells each listener once, in their order, and not those that were taken back or come too late', () => {
    const told: string[] = [];
    const stop = new Stop();
    const teller = (name: string) => () => void told.push(name);
    const [a, b, c] = [teller('a'), teller('b'), teller('c')];
    for (const listener of [a, b, c]) stop.addEventListener('abort', listener);
    stop.removeEventListener('abort', b);
    stop.removeEventListener('abort', () => {});
    stop.abort();
    stop.abort();
    stop.addEventListener('abort', a);
    expect(told).to.deep.equal(['a', 'c']);
  });

  it('has the first reason, or that of the platform', () => {
    const stop = new Stop();
    expect(() => stop.throwIfAborted()).not.to.throw();
    stop.abort(new Error('first'));
    stop.abort(new Error('second'));
    expect(stop).to.include({ aborted: true }).and.have.nested.property('reason.message', 'first');
    expect(() => stop.throwIfAborted()).to.throw('first');
    const bare = new Stop();
    bare.abort();
    const platform = new AbortController();
    platform.abort();
    expect(bare.reason).to.include({ name: platform.signal.reason.name, message: platform.signal.reason.message });
  });

  it('is a signal of the platform for whoever asks, before the abort and after', () => {
    const stop = new Stop();
    const { signal } = stop;
    expect(stop.signal).to.equal(signal);
    const reason = new Error('over');
    stop.abort(reason);
    expect(signal).to.be.instanceOf(AbortSignal).and.include({ aborted: true, reason });
    const late = new Stop();
    late.abort(reason);
    expect(late.signal).to.include({ aborted: true, reason });
  });
});
