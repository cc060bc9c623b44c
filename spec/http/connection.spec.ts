// What happens when no answer comes, or comes too late, or nobody waits for it any more.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  AbortedError,
  type Flow,
  Meter,
  Pressure,
  type Progress,
  RequestError,
  systemClock,
  withFlow,
} from '../../lib/core/index.js';
import { type AuthScheme, apiKey, client, type HttpClient } from '../../lib/http/index.js';
import { ask, failure, json, serve, type TestServer } from './server.js';

describe('connections', () => {
  let server: TestServer | undefined;
  let raw: Server | undefined;
  let api: HttpClient;
  afterEach(async () => {
    api.close();
    await server?.close();
    raw?.close();
    server = undefined;
    raw = undefined;
  });
  /** A server that does not speak HTTP unless told. */
  const listen = async (onData: (socket: import('node:net').Socket) => void) => {
    raw = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => onData(socket));
    }).listen(0, '127.0.0.1');
    await once(raw, 'listening');
    return `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
  };

  it('that are refused name the reason and what to check', async () => {
    const url = await listen(() => {});
    raw?.close();
    api = client({ baseUrl: url });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', reason: 'the connection was refused', transient: true });
    expect(error.message).to.contain('Check the base URL');
  });

  it('to a host that does not exist say so', async () => {
    api = client({ baseUrl: 'http://no-such-host.invalid' });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
    expect(error.reason).to.match(/host name/);
  });

  it('that are reset before the headers are transient', async () => {
    api = client({ baseUrl: await listen((socket) => socket.resetAndDestroy()) });
    expect(await failure(api, '/')).to.include({
      code: 'ERR_HTTP_CONNECTION',
      reason: 'the connection was reset',
      transient: true,
    });
  });

  it('that close without an answer are transient', async () => {
    api = client({ baseUrl: await listen((socket) => socket.end()) });
    expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
  });

  it('that answer with something else than HTTP say so', async () => {
    api = client({ baseUrl: await listen((socket) => socket.end('SSH-2.0-OpenSSH\r\n')) });
    const error = await failure(api, '/');
    expect(error.code).to.equal('ERR_HTTP_CONNECTION');
    expect(error.reason).to.contain('not valid HTTP');
  });

  it('to https where http is spoken say so, and are not tried again', async () => {
    const url = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    api = client({ baseUrl: url.replace('http:', 'https:') });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: false });
    expect(error.reason).to.contain('no secure connection');
  });

  it('that cut a chunked body are an error', async () => {
    api = client({
      baseUrl: await listen((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n'),
      ),
    });
    expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', transient: true, status: 200 });
  });

  it('without an answer end at the deadline, and are closed', async () => {
    let closed: Promise<unknown> | undefined;
    api = client({
      baseUrl: await listen((socket) => {
        closed = once(socket, 'close');
      }),
      timeout: 50,
    });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no whole answer within 0.05 s', transient: true });
    await closed;
  });

  it('whose body drips end at the deadline', async () => {
    api = client({
      baseUrl: await listen((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
        const timer = setInterval(() => socket.write(' '), 5);
        socket.on('close', () => clearInterval(timer));
      }),
      timeout: 80,
    });
    expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no whole answer within 0.08 s' });
  });

  it('keep the deadline when a transport does not listen to the signal', async () => {
    api = client({ baseUrl: 'http://127.0.0.1', timeout: 20, fetch: () => new Promise(() => {}) });
    expect((await failure(api, '/')).code).to.equal('ERR_HTTP_TIMEOUT');
  });

  it('are closed when the subscriber leaves', async () => {
    let closed: Promise<unknown> | undefined;
    api = client({
      baseUrl: await listen((socket) => {
        closed = once(socket, 'close');
      }),
    });
    let emitted = 0;
    const count = () => {
      emitted += 1;
    };
    const subscription = api.send(api.prepare('/')).subscribe({ next: count, error: count, complete: count });
    while (closed === undefined) await sleep(2);
    subscription.unsubscribe();
    await closed;
    expect(emitted).to.equal(0);
  });

  it('are not begun for a request with a body that is given up already', async () => {
    const asked: string[] = [];
    server = await serve((request, response) => {
      asked.push(request.url ?? '');
      json(response, {});
    });
    const request = {
      method: 'POST',
      url: '/login',
      params: {},
      headers: {},
      body: { kind: 'json', value: {} },
    } as const;
    const auth: AuthScheme = {
      type: 'late',
      apply: (own, context) => context.send(request, AbortSignal.abort()).then(() => own),
    };
    api = client({ baseUrl: server.url, auth });
    expect(await failure(api, '/')).to.be.instanceOf(Error);
    // An error that nobody hears would end the process in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).to.deep.equal([]);
  });

  it('are made by subscribing, once for each subscription', async () => {
    server = await serve((_, response) => json(response, {}));
    api = client({ baseUrl: server.url });
    const request = api.prepare('/');
    const cold = api.send(request);
    await sleep(20);
    expect(server.requests).to.have.length(0);
    await ask({ prepare: () => request, send: () => cold }, '/');
    await ask({ prepare: () => request, send: () => cold }, '/');
    expect(server.requests).to.have.length(2);
  });

  for (const [header, date, wait] of [
    ['2', undefined, 2000],
    ['0', undefined, 0],
    ['Wed, 21 Oct 2037 07:28:10 GMT', 'Wed, 21 Oct 2037 07:28:00 GMT', 10_000],
    ['Wed, 21 Oct 2015 07:28:10 GMT', undefined, 0],
    ['soon', undefined, undefined],
  ] as const) {
    it(`tell how long the server asks to wait: ${header}`, async () => {
      server = await serve((_, response) => {
        response.writeHead(429, { 'retry-after': header, ...(date && { date }) }).end();
      });
      api = client({ baseUrl: server.url });
      const error = await failure(api, '/');
      expect(error).to.include({ status: 429, transient: true });
      expect(error.serverWait).to.equal(wait);
    });
  }

  it('take the secret out of everything that an error carries', async () => {
    const url = await listen(() => {});
    raw?.close();
    api = client({ baseUrl: url, auth: apiKey({ name: 'k', apiKey: 'MARKED+secret/1', location: 'query' }) });
    const error = await failure(api, '/p?token=MARKED2');
    let everything = '';
    for (let each: unknown = error; each instanceof Error; each = each.cause)
      everything += `${each.message}${each.stack}${JSON.stringify(each)}`;
    expect(everything).to.contain('/p?token=***&k=***').and.not.contain('MARKED');
  });
});

describe('requests in a flow', () => {
  let server: TestServer;
  let api: HttpClient;
  afterEach(async () => {
    api.close();
    await server.close();
  });
  const flowOf = (signal: AbortSignal): Flow => ({
    pressure: new Pressure(),
    meter: new Meter(),
    clock: systemClock,
    signal,
    saved: () => undefined,
  });

  it('report themselves and their response, without secrets', async () => {
    server = await serve((_, response) => json(response, { a: 1 }));
    api = client({ baseUrl: server.url, auth: apiKey({ name: 'api_key', apiKey: 'MARKED', location: 'query' }) });
    const flow = flowOf(new AbortController().signal);
    const events: Progress[] = [];
    flow.meter.events.subscribe((event) => events.push(event));
    await withFlow(flow, () => ask(api, '/p'));
    expect(events[0]).to.deep.equal({ type: 'request', method: 'GET', url: `${server.url}/p?api_key=***` });
    expect(events[1]).to.include({ type: 'response', status: 200, bytes: 7 });
    expect(flow.meter.counts).to.include({ requests: 1, bytes: 7 });
  });

  it('end when the flow is aborted, and close their connection', async () => {
    let closed: Promise<unknown> | undefined;
    server = await serve((request) => {
      closed = once(request.socket, 'close');
    });
    api = client({ baseUrl: server.url });
    const controller = new AbortController();
    const result = withFlow(flowOf(controller.signal), () => ask(api, '/p')).then(
      () => undefined,
      (error) => error,
    );
    while (closed === undefined) await sleep(2);
    controller.abort();
    expect(await result)
      .to.be.instanceOf(AbortedError)
      .and.not.instanceOf(RequestError);
    await closed;
  });
});
