// Each fault, once and for ever: the right rows, or a clear error within its deadline; never a hang, never a duplicate.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { RequestError } from '../../lib/index.js';
import { type Asked, type Fault, type FaultyServer, faultyServer, none } from './faulty-server.js';
import { bytesOfPage, ids, read, type Walk } from './walk.js';

const rows = 30;
const page = bytesOfPage(0, 5, rows);

describe('faults', () => {
  let server: FaultyServer;
  afterEach(() => server.close());
  const start = async (plan: (asked: Asked) => Fault) => {
    server = await faultyServer({ rows, plan });
    return server;
  };
  /** What a walk ends with. */
  const failing = async (walk: Omit<Walk, 'url'>): Promise<RequestError> => {
    try {
      await read({ url: server.url, ...walk });
    } catch (error) {
      expect(error).to.be.instanceOf(RequestError);
      return error as RequestError;
    }
    throw new Error('the walk did not fail');
  };

  const passing: readonly [string, Fault][] = [
    ['a reset before the headers', { kind: 'reset' }],
    ['a reset after the headers', { kind: 'reset', after: 'headers' }],
    ['a connection closed without an answer', { kind: 'close' }],
    ['a body cut short', { kind: 'cut', bytes: 40 }],
    ['a chunked body without its end', { kind: 'chunks', bytes: 40 }],
    ['a whole chunked body without its end', { kind: 'chunks', bytes: page }],
    ['a body that ends too early by its own length', { kind: 'short', bytes: 40 }],
    ['a length that announces more than comes', { kind: 'length', by: 7 }],
    ['a length that announces less than comes', { kind: 'length', by: -7 }],
    ['more after a chunked body', { kind: 'more' }],
    ['compressed data without its end', { kind: 'gzip', missing: 9 }],
    ['compressed data without its last byte', { kind: 'gzip', missing: 1 }],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
    ['500', { kind: 'status', status: 500 }],
    ['502 with an HTML page', { kind: 'status', status: 502, body: '<html>bad gateway</html>' }],
    ['503 with a wait', { kind: 'status', status: 503, headers: { 'retry-after': '0.05' } }],
    ['504', { kind: 'status', status: 504 }],
  ];
  for (const [name, fault] of passing) {
    it(`${name}, on every page once: all rows, each once`, async () => {
      await start(({ before }) => (before === 0 ? fault : none));
      expect(await read({ url: server.url })).to.deep.equal(ids(rows));
      expect(server.asked).to.have.length(2 * (rows / 5));
    });

    it(`${name}, for ever: an error after the last attempt`, async () => {
      await start(({ offset }) => (offset === 10 ? fault : none));
      const error = await failing({ retry: { maxRetries: 2 } });
      expect(error).to.include({ transient: true, attempts: 3 });
      expect(error.message).to.contain(`${server.url}/rows?`).and.contain('after 3 attempts');
    });
  }

  it('a body cut at every tenth byte: all rows, each once', async () => {
    const cuts = Array.from({ length: Math.floor(page / 10) }, (_, index) => index * 10);
    await start(({ before, offset }) => {
      const bytes = cuts[before];
      return offset === 15 && bytes !== undefined
        ? { kind: before % 2 === 0 ? 'cut' : 'short', bytes: bytes + 1 }
        : none;
    });
    expect(await read({ url: server.url, retry: { maxRetries: cuts.length } })).to.deep.equal(ids(rows));
    expect(server.asked).to.have.length(rows / 5 + cuts.length);
  });

  it('an error in the middle of many pages at once: all rows, each once, in order', async () => {
    await start(({ before, index }) => (before === 0 && index % 2 === 0 ? { kind: 'reset' } : none));
    expect(await read({ url: server.url, concurrency: 4 })).to.deep.equal(ids(rows));
  });

  it('silence: an error at the deadline, and no connection left open', async () => {
    await start(({ offset }) => (offset === 5 ? { kind: 'silence' } : none));
    const started = performance.now();
    const error = await failing({ client: { timeout: 60 }, retry: { maxRetries: 1 } });
    expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', attempts: 2 });
    expect(performance.now() - started).to.be.at.least(118);
    while (server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('a slow loris: an error at the deadline', async () => {
    await start(() => ({ kind: 'drip', every: 20 }));
    expect(await failing({ client: { timeout: 100 }, retry: { maxRetries: 0 } })).to.include({
      code: 'ERR_HTTP_TIMEOUT',
    });
  });

  it('a server that stops in the middle of a body and goes on: all rows', async () => {
    await start(({ offset }) => (offset === 10 ? { kind: 'pause', milliseconds: 3000 } : none));
    expect(await read({ url: server.url })).to.deep.equal(ids(rows));
    expect(server.asked).to.have.length(rows / 5);
  });

  it('a redirect loop: an error at once', async () => {
    await start(({ path }) => ({ kind: 'redirect', to: path === '/rows' ? '/other' : '/rows' }));
    expect(await failing({})).to.include({ code: 'ERR_HTTP_REDIRECT', attempts: 1 });
  });

  for (const status of [400, 401, 403, 404]) {
    it(`${status}: an error at once`, async () => {
      await start(() => ({ kind: 'status', status }));
      expect(await failing({})).to.include({ status, attempts: 1, transient: false });
      expect(server.asked).to.have.length(1);
    });
  }

  it('a login page where records were expected: an error at once that says so', async () => {
    await start(() => ({ kind: 'body', text: '<!doctype html><title>Log in</title>', type: 'text/html' }));
    const error = await failing({});
    expect(error).to.include({ code: 'ERR_HTTP_BODY_INVALID', attempts: 1 });
    expect(error.message).to.contain('an HTML page');
  });

  it('a host that does not exist: an error that names it', async () => {
    await start(() => none);
    const error = await read({ url: 'http://no-such-host.invalid', retry: { maxRetries: 1 } }).catch(
      (reason) => reason,
    );
    expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', attempts: 2 });
    expect(error.message).to.contain('no-such-host.invalid').and.contain('host name');
  });

  for (const [name, fault] of [
    ['a 204', { kind: 'status', status: 204, body: '' }],
    ['an empty list', { kind: 'body', text: '{"data":[],"total":30}', type: 'application/json' }],
    ['an object without anything', { kind: 'body', text: '{}', type: 'application/json' }],
  ] as const) {
    it(`${name} in the middle, once: all rows, each once`, async () => {
      for (const concurrency of [1, 4]) {
        await start(({ before, offset }) => (before === 0 && offset === 10 ? fault : none));
        expect(await read({ url: server.url, concurrency })).to.deep.equal(ids(rows));
        await server.close();
      }
    });

    it(`${name} in the middle, for ever: an error that says how much is missing`, async () => {
      await start(({ offset }) => (offset >= 10 ? fault : none));
      const error = await failing({ retry: { maxRetries: 1 } });
      expect(error).to.include({ code: 'ERR_PAGINATION_INCOMPLETE', attempts: 2 });
      expect(error.message).to.contain('the 3 after it');
    });
  }

  it('a certificate that is not valid: an error at once, and no request', async () => {
    await start(() => none);
    const pem = (name: string) => readFileSync(new URL(`../http/certificates/${name}`, import.meta.url));
    let asked = 0;
    const secure = createServer({ cert: pem('elsewhere.pem'), key: pem('elsewhere.key') }, () => {
      asked += 1;
    });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    try {
      const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
      for (const tls of [{}, { ca: pem('ca.pem') }]) {
        const error = await read({ url, client: { tls } }).catch((reason) => reason);
        expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', attempts: 1, transient: false });
        expect(error.message).to.contain('certificate');
      }
      expect(asked).to.equal(0);
    } finally {
      secure.close();
    }
  });
});
