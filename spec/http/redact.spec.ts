// No spelling of a secret survives.
import { expect } from 'chai';
import fc from 'fast-check';
import { Redactor } from '../../lib/http/redact.js';

const secretText = fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }).filter((text) => text.trim().length >= 8);

describe('Redactor', () => {
  it('takes a secret out of any text, however it is spelled', () => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.string(), (secret, before, after) => {
        const redactor = new Redactor();
        redactor.add(secret);
        const spellings = [
          secret,
          encodeURIComponent(secret),
          new URLSearchParams({ a: secret }).toString().slice(2),
          JSON.stringify(secret).slice(1, -1),
          Buffer.from(secret).toString('base64').replace(/=*$/, ''),
          Buffer.from(secret).toString('base64url'),
        ];
        for (const spelling of spellings) {
          expect(redactor.text(`${before}${spelling}${after}`)).to.not.include(spelling);
        }
      }),
    );
  });

  it('finds a secret in base64 also in the middle of other bytes', () => {
    const redactor = new Redactor();
    redactor.add('correct horse');
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const encoded = Buffer.from(`${user}:correct horse:x`).toString('base64');
      const clean = redactor.text(encoded);
      expect(Buffer.from(clean, 'base64').toString()).to.not.include('rrect hor');
    }
  });

  it('masks parameters by their name, and user info', () => {
    const redactor = new Redactor();
    expect(redactor.url('https://me:pw@h/p?a=1&API_KEY=x&access-token=y&page=2#f')).to.equal(
      'https://***@h/p?a=1&API_KEY=***&access-token=***&page=2#f',
    );
    expect(redactor.message('request to http://h/p?token=abc failed, "http://h/?a=1"')).to.equal(
      'request to http://h/p?token=*** failed, "http://h/?a=1"',
    );
  });

  it('masks parameters however their name is written, wherever they stand in the query', () => {
    const name = fc.constantFrom('token', 'api_key', 'access-token', 'client_secret', 'pwd');
    const signs = fc.array(fc.constantFrom('as it is', 'large', 'encoded'), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(name, signs, fc.constantFrom('', 'a=1&', 'q=a+b&', '=&', '&'), (plain, spelling, before) => {
        const written = [...plain].map((sign, index) => {
          if (spelling[index] === 'encoded') return `%${sign.charCodeAt(0).toString(16)}`;
          return spelling[index] === 'large' ? sign.toUpperCase() : sign;
        });
        const start = `https://h/p?${before}${written.join('')}=`;
        expect(new Redactor().url(`${start}hidden&page=2`)).to.equal(`${start}***&page=2`);
      }),
    );
  });

  it('masks headers by their name', () => {
    const redactor = new Redactor();
    redactor.add('12345678');
    expect(
      redactor.headers({ 'set-cookie': 'a=b', 'x-auth-token': 'c', etag: 'x12345678', date: 'now' }),
    ).to.deep.equal({
      'set-cookie': '***',
      'x-auth-token': '***',
      etag: 'x***',
      date: 'now',
    });
  });

  it('keeps a request that holds no secret as it is', () => {
    const redactor = new Redactor();
    const request = { method: 'GET', url: 'http://h/p?page=1', params: { a: 1 }, headers: { accept: '*/*' } };
    expect(redactor.request(request)).to.equal(request);
    expect(redactor.request({ ...request, params: { key: 'abc' }, headers: { cookie: 'x' } })).to.deep.include({
      params: { key: '***' },
      headers: { cookie: '***' },
    });
  });

  it('does not look for texts that are too short to be found only where they are meant', () => {
    const redactor = new Redactor();
    redactor.add('a', '', 'abc');
    expect(redactor.text('a cab abc')).to.equal('a cab abc');
  });
});
