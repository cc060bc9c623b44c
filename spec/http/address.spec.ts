// An address that is taken apart by what is known of its origin is the one that the platform reads.
import { expect } from 'chai';
import fc from 'fast-check';
import { Addresses } from '../../lib/http/address.js';

describe('Addresses', () => {
  const origins = [
    'http://127.0.0.1:8080',
    'https://api.example.com',
    'http://[::1]:3000',
    'HTTP://API.example.com:80',
  ];
  const sign = fc.constantFrom(...'a1./.%2eE?#\\\'" ~é漢:@[]{}|^&=+,;\t-_🙂'.split(/(?<!\ud83d)(?=[^\ude42])/u));
  const rest = fc.oneof(
    fc.array(sign, { maxLength: 12 }).map((signs) => signs.join('')),
    fc.constantFrom(
      '/a/./b',
      '/a/../b',
      '/a/%2E%2e/b',
      '/.a',
      '/a.b/c.json?x=1.5&y=./',
      '/p?',
      '/p?#',
      '//v1/items',
      ':81/x',
      '.evil.com/',
      '@evil.com/',
    ),
    fc.webQueryParameters().map((query) => `/v1/items?${query}`),
  );

  it('gives what a first look at an address gives, whatever it was asked before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...origins), rest, (origin, rest) => {
        const url = origin + rest;
        const warm = new Addresses();
        const look = (addresses: Addresses) => {
          try {
            const { origin, path } = addresses.of(url);
            const { protocol, hostname, port } = origin;
            return { protocol, hostname, port, path };
          } catch (error) {
            return String(error);
          }
        };
        warm.of(`${origin}/first?a=1`);
        expect(look(warm)).to.deep.equal(look(new Addresses()));
      }),
      { numRuns: 3000 },
    );
  });

  it('does not take the addresses of a walk apart anew', () => {
    const addresses = new Addresses();
    const { origin } = addresses.of('https://api.example.com/v1/items?offset=0');
    const next = addresses.of('https://api.example.com/v1/items?offset=100&since=2024-01-01T00%3A00%3A00Z');
    expect(next.origin).to.equal(origin);
    expect(next.path).to.equal('/v1/items?offset=100&since=2024-01-01T00%3A00%3A00Z');
  });

  it('keeps a ? that nothing follows, and leaves out what stands behind a #', () => {
    expect(new Addresses().of('http://h/p?').path).to.equal('/p?');
    expect(new Addresses().of('http://h/q#place').path).to.equal('/q');
  });

  it('refuses a user, and what is no web server, without showing the address', () => {
    expect(() => new Addresses().of('http://me:secret@h/')).to.throw(
      TypeError,
      /^the URL holds a user name or a password$/,
    );
    expect(() => new Addresses().of('ftp://h/secret')).to.throw(TypeError, /^ftp: is neither http: nor https:$/);
  });
});
