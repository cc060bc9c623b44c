// The paginators by name, as a configuration chooses them.
import { expect } from 'chai';
import { OptionError } from '../../lib/core/index.js';
import { makePaginator, pages, paginators, registerPaginator } from '../../lib/pages/index.js';
import { collect, fakeApi } from './fake-api.js';

const example: Record<string, Record<string, unknown>> = {
  offset: { limit: 10 },
  content_range: { limit: 10 },
  keyset: { keyParam: 'since' },
  graphql: { connectionPath: 'data.x' },
};

describe('the registry of paginators', () => {
  it('has every paginator that dlt has, and more', () => {
    const dlt = [
      'json_link',
      'json_response',
      'header_link',
      'header_cursor',
      'cursor',
      'offset',
      'page_number',
      'single_page',
      'auto',
    ];
    expect([...paginators.keys()]).to.include.members([...dlt, 'keyset', 'continuation', 'content_range', 'graphql']);
  });

  for (const [name, kind] of paginators) {
    it(`makes ${name}`, () => {
      expect(makePaginator(name, example[name]).name).to.equal(name === 'json_response' ? 'json_link' : name);
    });

    it(`knows the options of ${name}: each is looked at, none other is taken`, () => {
      for (const option of kind.options)
        expect(() => makePaginator(name, { ...example[name], [option]: {} }), option).to.throw(OptionError);
      expect(() => makePaginator(name, { ...example[name], nonsense: 1 }))
        .to.throw(OptionError)
        .with.property('option', 'nonsense');
      for (const option of kind.required ?? [])
        expect(() => makePaginator(name, { ...example[name], [option]: undefined }))
          .to.throw(OptionError)
          .with.property('option', option);
    });
  }

  it('refuses a name that it does not know, and shows those it knows', () => {
    expect(() => makePaginator('ofset')).to.throw(OptionError, 'offset, page_number');
  });

  it('takes a paginator of a program, once', () => {
    const name = `spec_${Date.now()}`;
    registerPaginator(name, {
      options: ['last'],
      make: ({ last }) => ({
        name,
        initial: () => 1,
        request: (base, state) => ({ ...base, params: { day: state as number } }),
        next: (_, state) => ((state as number) < Number(last) ? (state as number) + 1 : null),
      }),
    });
    const api = fakeApi(({ params }) => [params['day']]);
    expect(collect(pages(api, '/a', makePaginator(name, { last: 3 }))).values).to.have.length(3);
    expect(() => registerPaginator(name, { options: [], make: () => makePaginator('auto') })).to.throw(
      OptionError,
      name,
    );
  });
});
