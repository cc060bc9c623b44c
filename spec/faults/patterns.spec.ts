// Failures in any pattern, and several resources that meet the same limit.
import { expect } from 'chai';
import fc from 'fast-check';
import { rateLimit, sessionToken } from '../../lib/index.js';
import { type Asked, type Fault, type FaultyServer, faultyServer, none } from './faulty-server.js';
import { ids, read } from './walk.js';

describe('faults in patterns', () => {
  let server: FaultyServer | undefined;
  afterEach(() => server?.close());
  const start = async (rows: number, plan: (asked: Asked) => Fault) => {
    server = await faultyServer({ rows, plan });
    return server;
  };

  it('however failures fall over 12 pages: every row once, and as many requests as pages and failures', async () => {
    let failures: readonly number[] = [];
    const kinds: readonly Fault[] = [
      { kind: 'status', status: 500 },
      { kind: 'reset' },
      { kind: 'cut', bytes: 30 },
      { kind: 'close' },
    ];
    const { url, asked } = await start(60, ({ offset, before, index }) =>
      before % 1000 < (failures[offset / 5] ?? 0) ? (kinds[index % kinds.length] as Fault) : none,
    );
    const seen = asked as Asked[];
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }), async (pattern) => {
        failures = pattern;
        round += 1;
        const from = seen.length;
        expect(await read({ url, path: `/round-${round}`, retry: { maxRetries: 3 } })).to.deep.equal(ids(60));
        expect(seen.length - from).to.equal(12 + pattern.reduce((sum, each) => sum + each, 0));
      }),
      { numRuns: 15 },
    );
  });

  it('a storm of 429 over four resources with one budget: all rows, and few requests into the storm', async () => {
    let calm = 0;
    let stormy = 0;
    const { url } = await start(40, ({ index }) => {
      const now = performance.now();
      if (index === 6 || index === 14) calm = now + 200;
      if (now >= calm) return none;
      stormy += 1;
      return { kind: 'status', status: 429, headers: { 'retry-after': '0.2' } };
    });
    const budget = rateLimit({ concurrency: 4 });
    const walks = ['a', 'b', 'c', 'd'].map((path) =>
      read({ url, path: `/${path}`, client: { rateLimit: budget }, retry: { maxRetries: 5 } }),
    );
    for (const rows of await Promise.all(walks)) expect(rows).to.deep.equal(ids(40));
    // Those in flight when a storm begins, and no more than one for each try after it.
    expect(stormy).to.be.at.most(12);
  });

  it('a token that expires between pages: all rows, and no failure', async () => {
    let token = '';
    let logins = 0;
    const { url, asked } = await start(30, ({ path, headers, index }) => {
      if (path === '/login') {
        logins += 1;
        token = `session-${logins}`;
        return { kind: 'body', text: JSON.stringify({ token }), type: 'application/json' };
      }
      if (index % 4 === 3) token = 'expired';
      return headers.authorization === `Bearer ${token}` ? none : { kind: 'status', status: 401 };
    });
    const auth = sessionToken({ login: { url: '/login' } });
    expect(await read({ url, client: { auth }, retry: { maxRetries: 0 } })).to.deep.equal(ids(30));
    expect(asked.filter(({ path }) => path !== '/login').length).to.equal(6 + logins - 1);
    expect(logins).to.be.at.least(2);
  });
});
