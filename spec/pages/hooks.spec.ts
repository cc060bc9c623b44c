// Hooks: functions that see each response of a walk.
import { expect } from 'chai';
import { type HttpResponse, OptionError } from '../../lib/core/index.js';
import { offset, pages, type ResponseAction } from '../../lib/pages/index.js';
import { collect, failure, fakeApi, window } from './fake-api.js';

describe('hooks', () => {
  it('see each response once, before the actions, and these see what they made of it', () => {
    const seen: number[] = [];
    const hooks = {
      response: [
        (answer: HttpResponse) => {
          seen.push(answer.status);
          return undefined;
        },
        (answer: HttpResponse) => (answer.status === 404 ? { ...answer, status: 410 } : undefined),
      ],
    };
    const api = fakeApi(({ params }, count) => (count === 2 ? failure({ status: 404 }) : window(25, params)));
    const actions: ResponseAction[] = [{ status: 410, action: 'ignore' }];
    const { values, completed } = collect(pages(api, '/a', offset({ limit: 10 }), { hooks, actions }));
    expect([values.length, completed, seen]).to.deep.equal([1, true, [200, 404]]);
  });

  it('are refused that are no functions, and hooks of another name', () => {
    const api = fakeApi(() => []);
    for (const hooks of [{ response: 'print' }, { request: () => undefined }])
      expect(() => pages(api, '/a', offset({ limit: 10 }), { hooks: hooks as never })).to.throw(OptionError, 'hooks');
  });
});
