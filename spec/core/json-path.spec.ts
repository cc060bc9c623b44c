// JSONPath as users write it: dotted names, all of RFC 9535, and clear refusals.
import { expect } from 'chai';
import fc from 'fast-check';
import { jsonPath, OptionError } from '../../lib/core/index.js';

const body = {
  data: {
    items: [
      { id: 1, tags: ['x'] },
      { id: 2, tags: [] },
    ],
    'user-name': 'ann',
    empty: null,
    zero: 0,
  },
  '@odata.nextLink': 'https://api.test/next',
  'a b': { "it's": 1 },
  'x.y': 5,
};

describe('jsonPath', () => {
  const found: [string, unknown[]][] = [
    ['$', [body]],
    ['data.zero', [0]],
    ['$.data.zero', [0]],
    ['data.empty', [null]],
    ['data.missing', []],
    ['data.zero.deeper', []],
    ['data.empty.deeper', []],
    ['data.items.id', []],
    ['data.user-name', ['ann']],
    ['data.items[*].id', [1, 2]],
    ['data.items[0].id', [1]],
    ['data.items.[0].id', [1]],
    ['data.items[-1].id', [2]],
    ['data.items.*.id', [1, 2]],
    ['data.items[?@.id == 2].id', [2]],
    ['$.data.items[?(@.id > 1)]', [body.data.items[1]]],
    ['$..id', [1, 2]],
    ['..id', [1, 2]],
    ['data..tags', [['x'], []]],
    ["['@odata.nextLink']", [body['@odata.nextLink']]],
    ['@odata.nextLink', [body['@odata.nextLink']]],
    ["$['a b']['it\\'s']", [1]],
    ['["x.y"]', [5]],
    [' data.zero ', [0]],
    ['toString', []],
    ['data.constructor', []],
    ['__proto__', []],
  ];
  for (const [path, expected] of found)
    it(`finds ${JSON.stringify(path)}`, () => {
      expect(jsonPath(path).all(body)).to.deep.equal(expected);
      expect(jsonPath(path).first(body)).to.deep.equal(expected[0]);
    });

  it('finds nothing in what is no object', () => {
    for (const value of [undefined, null, 'text', 1, true, []]) expect(jsonPath('a.b').all(value)).to.deep.equal([]);
  });

  it('finds a property that has the name of a method when it is there', () => {
    expect(jsonPath('toString').first(JSON.parse('{"toString": 1, "__proto__": {"a": 2}}'))).to.equal(1);
    expect(jsonPath('__proto__.a').first(JSON.parse('{"__proto__": {"a": 2}}'))).to.equal(2);
  });

  for (const path of ['', 'a[', 'a]', 'a.', 'a..', "['x", '[?', 'a b', '$[?@.x =]', '[*'])
    it(`refuses ${JSON.stringify(path)}, naming the option`, () => {
      expect(() => jsonPath(path, 'data_selector'))
        .to.throw(OptionError, 'data_selector: ')
        .with.property('option', 'data_selector');
    });

  it('finds every key of every object by its quoted name', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const quoted = `$[${JSON.stringify(name)}]`;
        expect(jsonPath(quoted).all(Object.fromEntries([[name, value]]))).to.deep.equal([value]);
      }),
    );
  });

  it('answers a dotted path as it answers the same path in brackets', () => {
    const name = fc.stringMatching(/^[a-z_-]{1,3}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), fc.jsonValue(), (names, value) => {
        const nested = names.reduceRight<unknown>((inner, each) => ({ [each]: inner }), value);
        const quoted = `$${names.map((each) => `['${each}']`).join('')}`;
        expect(jsonPath(names.join('.')).all(nested)).to.deep.equal(jsonPath(quoted).all(nested));
      }),
    );
  });
});
