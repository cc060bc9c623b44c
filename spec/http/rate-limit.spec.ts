// One budget for all who share it, over real sockets.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { firstValueFrom, tap } from 'rxjs';
import { Meter, OptionError, Pressure, systemClock, withFlow } from '../../lib/core/index.js';
import { type ClientOptions, client, type HttpClient, rateLimit } from '../../lib/http/index.js';
import { quotaOf } from '../../lib/http/server-timing.js';
import { retry } from '../../operators/index.js';
import { ask, json, serve, type TestServer } from './server.js';

describe('rateLimit', () => {
  const servers: TestServer[] = [];
  const clients: HttpClient[] = [];
  afterEach(async () => {
    for (const each of clients.splice(0)) each.close();
    for (const each of servers.splice(0)) await each.close();
  });
  const start = async (answer: Parameters<typeof serve>[0]) => {
    const server = await serve(answer);
    servers.push(server);
    return server;
  };
  const make = (options: ClientOptions) => {
    const made = client(options);
    clients.push(made);
    return made;
  };
  const times = (count: number, one: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, one));

  it('spreads requests over the interval', async () => {
    const server = await start((_, response) => json(response, {}));
    const api = make({ baseUrl: server.url, rateLimit: { requests: 20, interval: 1000 } });
    const started = performance.now();
    await times(6, () => ask(api, '/'));
    expect(performance.now() - started).to.be.at.least(245);
  });

  it('tells the run how long a request waits for its place, and for what', async () => {
    const server = await start((_, response) => json(response, {}));
    const api = make({ baseUrl: server.url, rateLimit: { requests: 1, interval: 60_000 } });
    await ask(api, '/');
    const meter = new Meter();
    const flow = {
      pressure: new Pressure(),
      meter,
      clock: systemClock,
      signal: new AbortController().signal,
      saved: () => undefined,
    };
    const event = firstValueFrom(meter.events);
    const waiting = withFlow(flow, () => api.send(api.prepare('/')).subscribe());
    const { wait, ...told } = (await event) as { readonly wait: number };
    waiting.unsubscribe();
    expect(told).to.deep.equal({ type: 'wait', reason: 'its place in the rate limit' });
    expect(wait).to.be.within(50_000, 60_000);
  });

  it('waits without a turn of the clock where the wait is more than a timer can wait', async () => {
    const warned: string[] = [];
    const warn = ({ name }: Error) => warned.push(name);
    process.on('warning', warn);
    const budget = rateLimit({ requests: 1, interval: 1e12 });
    const controller = new AbortController();
    await budget.enter('', { signal: controller.signal });
    const second = budget.enter('', { signal: controller.signal }).catch(() => 'given up');
    expect(await Promise.race([second, sleep(20, 'waits')])).to.equal('waits');
    controller.abort();
    expect(await second).to.equal('given up');
    process.off('warning', warn);
    expect(warned).to.deep.equal([]);
  });

  it('lets a burst through at once', async () => {
    const server = await start((_, response) => json(response, {}));
    const api = make({ baseUrl: server.url, rateLimit: { requests: 1, interval: 60_000, burst: 5 } });
    await times(5, () => ask(api, '/'));
    const sixth = ask(api, '/').then(() => 'asked');
    expect(await Promise.race([sixth, sleep(100, 'waits')])).to.equal('waits');
    expect(server.requests).to.have.length(5);
    sixth.catch(() => {});
  });

  it('is shared by clients: never more in flight than allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const server = await start(async (_, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await sleep(10);
      inFlight -= 1;
      json(response, {});
    });
    const budget = rateLimit({ concurrency: 3 });
    const [one, two] = [
      make({ baseUrl: server.url, rateLimit: budget }),
      make({ baseUrl: server.url, rateLimit: budget }),
    ] as const;
    await Promise.all([times(8, () => ask(one, '/')), times(8, () => ask(two, '/'))]);
    expect(most).to.equal(3);
  });

  it('has a budget for each origin when asked', async () => {
    const held = await start(() => {});
    const free = await start((_, response) => json(response, {}));
    const api = make({ rateLimit: { concurrency: 1, per: 'origin' } });
    const waiting = api.send(api.prepare(`${held.url}/`)).subscribe();
    expect((await ask(api, `${free.url}/`)).status).to.equal(200);
    waiting.unsubscribe();
  });

  it('takes a request out of the queue when its subscriber leaves, and gives its place to the next', async () => {
    const server = await start((request, response) => {
      if (request.url !== '/held') json(response, {});
    });
    const api = make({ baseUrl: server.url, rateLimit: { concurrency: 1 } });
    const held = api.send(api.prepare('/held')).subscribe();
    const left = api.send(api.prepare('/left')).subscribe();
    const last = ask(api, '/last');
    left.unsubscribe();
    held.unsubscribe();
    await last;
    expect(server.requests.map(({ url }) => url))
      .to.include('/last')
      .and.not.include('/left');
  });

  it('stops everyone at a 429, and lets one go first after it', async () => {
    let refused = 0;
    let openAt = Number.POSITIVE_INFINITY;
    const arrivals: number[] = [];
    const server = await start((_, response) => {
      const now = performance.now();
      if (refused === 0) openAt = now + 300;
      if (now < openAt) {
        refused += 1;
        response.writeHead(429, { 'retry-after': '0.3' }).end();
        return;
      }
      arrivals.push(now);
      json(response, {});
    });
    const budget = rateLimit();
    const apis = [0, 1, 2, 3].map(() => make({ baseUrl: server.url, rateLimit: budget }));
    await ask(apis[0] as HttpClient, '/').catch((error) => expect(error.serverWait).to.equal(300));
    await Promise.all(apis.map((api) => ask(api, '/')));
    expect(refused).to.equal(1);
    expect(Math.min(...arrivals)).to.be.at.least(openAt);
    expect(arrivals).to.have.length(4);
  });

  it('stops everyone for as long as retry waits, at a 429 that says no time', async () => {
    let refused = 0;
    let openAt = Number.POSITIVE_INFINITY;
    const server = await start((_, response) => {
      const now = performance.now();
      if (refused === 0) openAt = now + 300;
      if (now >= openAt) return json(response, {});
      refused += 1;
      response.writeHead(429).end();
    });
    const budget = rateLimit();
    const [first, ...others] = [0, 1, 2, 3].map(() => make({ baseUrl: server.url, rateLimit: budget }));
    let waits: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const told = first!
      .send(first!.prepare('/'))
      .pipe(tap({ error: () => queueMicrotask(waits) }), retry({ initialDelay: 500 }));
    const answers = [firstValueFrom(told), ...others.map((api) => waiting.then(() => ask(api, '/')))];
    await Promise.all(answers);
    expect(refused).to.equal(1);
    expect(server.requests).to.have.length(5);
  });

  it('does not wait for a server that asks for longer than maxServerWait: others are sent', async () => {
    for (const [maxServerWait, seconds] of [
      [undefined, '999999'],
      [10_000, '11'],
    ] as const) {
      const server = await start(({ url }, response) => {
        if (url === '/closed') response.writeHead(429, { 'retry-after': seconds }).end();
        else json(response, {});
      });
      const api = make({ baseUrl: server.url, rateLimit: { ...(maxServerWait && { maxServerWait }) } });
      const error = await ask(api, '/closed').catch((refused: unknown) => refused);
      expect(error).to.include({ serverWait: Number(seconds) * 1000 });
      await times(3, () => ask(api, '/open'));
      expect(server.requests.length).to.equal(4);
    }
  });

  it('slows down before the quota is spent, and waits for the next one when it is', async () => {
    const ends = performance.now() + 1200;
    let left = 100;
    const arrivals: number[] = [];
    const server = await start((_, response) => {
      const now = performance.now();
      arrivals.push(now);
      if (now >= ends) left = 100;
      left -= 1;
      response.setHeader('x-ratelimit-limit', '100');
      response.setHeader('x-ratelimit-remaining', String(Math.max(0, left)));
      response.setHeader('x-ratelimit-reset', String(Math.max(0, (ends - now) / 1000).toFixed(3)));
      json(response, {}, left < 0 ? 429 : 200);
    });
    const api = make({ baseUrl: server.url });
    left = 14;
    for (let count = 0; count < 17; count += 1) await ask(api, '/');
    expect(arrivals.filter((at) => at < ends - 20)).to.have.length.of.at.most(14);
    expect(arrivals.at(-1)).to.be.at.least(ends - 20);
  });

  it('does not follow the server when told so', async () => {
    const server = await start((_, response) => {
      response.setHeader('x-ratelimit-remaining', '0');
      response.setHeader('x-ratelimit-reset', '30');
      json(response, {});
    });
    const api = make({ baseUrl: server.url, rateLimit: { followServer: false } });
    await ask(api, '/');
    await ask(api, '/');
    expect(server.requests).to.have.length(2);
  });

  it('refuses limits that cannot work', () => {
    for (const options of [{ requests: 0 }, { interval: -1 }, { burst: 0.5 }, { concurrency: 0 }]) {
      expect(() => rateLimit(options)).to.throw(OptionError);
    }
  });
});

describe('quotaOf', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const cases: readonly [string, Record<string, string>, ReturnType<typeof quotaOf>][] = [
    ['seconds', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '30' }, { remaining: 7, reset: 30_000 }],
    [
      'an epoch in seconds',
      { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': String(now / 1000 + 30) },
      { remaining: 7, reset: 30_000 },
    ],
    [
      'an epoch in milliseconds',
      { 'x-rate-limit-remaining': '7', 'x-rate-limit-reset': String(now + 30_000) },
      { remaining: 7, reset: 30_000 },
    ],
    [
      'an epoch by the clock of the server',
      {
        'x-ratelimit-remaining': '7',
        'x-ratelimit-reset': String(now / 1000 + 90),
        date: 'Thu, 01 Jan 2026 00:01:00 GMT',
      },
      { remaining: 7, reset: 30_000 },
    ],
    [
      'a date',
      { 'ratelimit-remaining': '0', 'ratelimit-reset': 'Thu, 01 Jan 2026 00:00:10 GMT' },
      { remaining: 0, reset: 10_000 },
    ],
    [
      'the limit',
      { 'ratelimit-remaining': '1', 'ratelimit-reset': '1', 'ratelimit-limit': '100, 100;w=60' },
      { remaining: 1, reset: 1000, limit: 100 },
    ],
    ['the newest draft', { ratelimit: '"burst";r=90;t=5, "daily";r=50;t=30' }, { remaining: 50, reset: 30_000 }],
    [
      'the second draft',
      { ratelimit: 'limit=100, remaining=50, reset=30' },
      { remaining: 50, reset: 30_000, limit: 100 },
    ],
    [
      'the stricter of two values, where a proxy has added its own',
      { 'x-ratelimit-remaining': '0, 5', 'x-ratelimit-reset': '8, 9' },
      { remaining: 0, reset: 9000 },
    ],
    ['nothing', { 'x-ratelimit-remaining': '7' }, undefined],
    ['nonsense', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': 'soon' }, undefined],
  ];
  for (const [name, headers, quota] of cases) {
    it(`reads ${name}`, () => expect(quotaOf(headers, now)).to.deep.equal(quota));
  }

  it('takes the quota of a 429 that tells the reset alone for spent', () => {
    expect(quotaOf({ 'ratelimit-reset': '7' }, now, 429)).to.deep.equal({ remaining: 0, reset: 7000 });
    expect(quotaOf({ 'ratelimit-reset': '7' }, now, 200)).to.equal(undefined);
  });
});
