import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { onAbort } from '../../lib/core/index.js';

describe('onAbort', () => {
  it('calls every callback once, however many there are on one signal', () => {
    const controller = new AbortController();
    const called: number[] = [];
    for (let each = 0; each < 100; each += 1) onAbort(controller.signal, () => called.push(each));
    controller.abort();
    controller.abort();
    expect(called).to.deep.equal(Array.from({ length: 100 }, (_, each) => each));
  });

  it('calls no callback that was taken back', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const forget = onAbort(controller.signal, () => called.push('taken back'));
    onAbort(controller.signal, () => called.push('kept'));
    forget();
    controller.abort();
    expect(called).to.deep.equal(['kept']);
  });

  it('needs one listener of the platform for a signal, whatever comes and goes', () => {
    const { signal } = new AbortController();
    for (let each = 0; each < 1000; each += 1) onAbort(signal, () => undefined)();
    onAbort(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).to.have.length(1);
  });

  it('calls nothing for a signal that has aborted before', () => {
    const called: string[] = [];
    onAbort(AbortSignal.abort(), () => called.push('late'));
    expect(called).to.deep.equal([]);
  });
});
