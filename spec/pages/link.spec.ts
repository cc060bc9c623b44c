// Links to the next page: how they are read, resolved, and kept free of credentials.
import { expect } from 'chai';
import { jsonLink, PaginationError, pages } from '../../lib/pages/index.js';
import { linksOf, resolveLink } from '../../lib/pages/link.js';
import { collect, fakeApi, response } from './fake-api.js';

const at = (url: string) => response({ method: 'GET', url, params: {}, headers: {} }, {});

describe('resolveLink', () => {
  const from = 'https://api.test:8443/v1/users?page=1';
  const cases: [string, unknown, string | null][] = [
    ['an absolute link, as it is', 'https://api.test/x?q=a%2Fb%20c&q=d#e', 'https://api.test/x?q=a%2Fb%20c&q=d#e'],
    ['a path', '/v2/users?page=2', 'https://api.test:8443/v2/users?page=2'],
    ['a relative path', 'users?page=2', 'https://api.test:8443/v1/users?page=2'],
    ['a query', '?page=2&page=3', 'https://api.test:8443/v1/users?page=2&page=3'],
    ['a link without a scheme', '//other.test/x', 'https://other.test/x'],
    ['spaces around it', ' /x ', 'https://api.test:8443/x'],
    ['an object with href', { href: '/x' }, 'https://api.test:8443/x'],
    ['an object with url', { url: '/x' }, 'https://api.test:8443/x'],
    ['nothing', undefined, null],
    ['null', null, null],
    ['an empty text', '', null],
    ['false', false, null],
    ['an object with an empty link', { href: null }, null],
  ];
  for (const [name, link, expected] of cases)
    it(`takes ${name}`, () => {
      expect(resolveLink(link, at(from), 'the link')).to.equal(expected);
    });

  for (const link of [7, true, {}, [], 'javascript:alert(1)', 'ftp://x/y', 'http://'])
    it(`refuses ${JSON.stringify(link)}`, () => {
      expect(() => resolveLink(link, at(from), 'the link at "next"'))
        .to.throw(PaginationError, 'the link at "next"')
        .with.property('code', 'ERR_PAGINATION_RESPONSE');
    });

  it('resolves against an address whose user was hidden', () => {
    expect(resolveLink('/x', at('https://***@api.test/v1'), 'the link')).to.equal('https://api.test/x');
  });
});

describe('linksOf', () => {
  const cases: [string, string | undefined, Record<string, string>][] = [
    ['no header', undefined, {}],
    ['one link', '<https://a.test/?p=2>; rel="next"', { next: 'https://a.test/?p=2' }],
    ['several links', '</?p=1>; rel="first", </?p=3>; rel="next"', { first: '/?p=1', next: '/?p=3' }],
    ['a comma and a semicolon in a link', '</a,b;c>; rel=next', { next: '/a,b;c' }],
    ['other parameters, with commas', '</x>; title="a, \\"b\\"; rel=prev"; rel="next"; type=json', { next: '/x' }],
    ['several relations of one link', '</x>; rel="last next"', { last: '/x', next: '/x' }],
    ['any case', '</x>; REL="Next"', { next: '/x' }],
    ['no spaces', '</x>;rel=prev,</y>;rel=next', { prev: '/x', next: '/y' }],
    ['a link without a relation', '</x>, </y>; rel=next', { next: '/y' }],
    ['the first of two', '</x>; rel=next, </y>; rel=next', { next: '/x' }],
    ['rubbish', 'next', {}],
    ['rubbish that starts well', '</x; rel=next', {}],
  ];
  for (const [name, header, expected] of cases)
    it(`reads ${name}`, () => {
      expect(Object.fromEntries(linksOf(header))).to.deep.equal(expected);
    });
});

describe('links with credentials', () => {
  const secret = 's3cr3t';

  it('are stored without those that the client knows, and followed', () => {
    const api = fakeApi((_, count) => ({
      data: [count],
      next: count < 3 ? `https://api.test/a?key=${secret}&page=${count + 1}` : null,
    }));
    const client = { ...api, clean: (url: string) => url.replace(`key=${secret}&`, '') };
    const seen = collect(pages(client, '/a', jsonLink()));
    expect(seen.values).to.have.length(3);
    expect(JSON.stringify(seen.values.map(({ position }) => position))).to.not.include(secret);
    expect(api.requests.map(({ url }) => url)).to.deep.equal([
      'https://api.test/a',
      'https://api.test/a?page=2',
      'https://api.test/a?page=3',
    ]);
  });

  it('are stored without those of the first request, which go along with links to the same origin', () => {
    const links = [`/a?page=2&api_key=${secret}`, '/a?page=3', 'https://other.test/a?page=4', null];
    const api = fakeApi((_, count) => ({ data: [count], next: links[count - 1] }));
    const seen = collect(pages(api, { url: '/a', params: { api_key: secret, q: 'x' } }, jsonLink()));
    expect(JSON.stringify(seen.values.map(({ position }) => position))).to.not.include(secret);
    expect(api.requests.map(({ url, params }) => [url, params])).to.deep.equal([
      ['https://api.test/a', { api_key: secret, q: 'x' }],
      ['https://api.test/a?page=2', { api_key: secret }],
      ['https://api.test/a?page=3', { api_key: secret }],
      ['https://other.test/a?page=4', {}],
    ]);
  });

  it('are stored without what the client knows as a secret, and asked for with it all the same', () => {
    const links = ['/a?of=s3cr3t&of=x&page=2&q=s3cr3t', '/a?page=3', null];
    const api = fakeApi((_, count) => ({ data: [count], next: links[count - 1] }));
    const client = { ...api, redact: (text: string) => text.replaceAll(secret, '***') };
    const seen = collect(pages(client, { url: '/a', params: { of: [secret, 'x'], q: 'y' } }, jsonLink()));
    expect(JSON.stringify(seen.values.map(({ position }) => position)))
      .to.contain('of=***&page=2&q=s3cr3t')
      .and.not.contain('of=s3');
    expect(api.requests.map(({ url, params }) => [url, params])).to.deep.equal([
      ['https://api.test/a', { of: [secret, 'x'], q: 'y' }],
      ['https://api.test/a?of=***&page=2&q=s3cr3t', { of: [secret, 'x'] }],
      ['https://api.test/a?page=3', {}],
    ]);
  });

  it('keep a cursor that has the name of a secret', () => {
    const api = fakeApi((_, count) => ({ data: [count], next: count < 2 ? '/a?token=page2' : null }));
    collect(pages(api, { url: '/a', params: { token: secret } }, jsonLink()));
    expect(api.requests[1]).to.deep.include({ url: 'https://api.test/a?token=page2', params: {} });
  });
});
