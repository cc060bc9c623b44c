// What the keys of a configuration beyond dlt's do to requests, retries and walks.
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import type { HttpResponse } from '../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';
import { json, serve } from '../http/server.js';
import { problemsOf } from './problems.js';

describe('the keys of a client and an endpoint', () => {
  let api: ScriptedApi | undefined;
  afterEach(() => api?.stop());

  /** Reads the resource `a`: its rows or its error, and what was asked. */
  async function read(
    answers: Answer | readonly Answer[] | Record<string, Answer>,
    endpoint: object,
    client: object = {},
  ) {
    await api?.stop();
    const isOne = Array.isArray(answers) || 'body' in answers || 'status' in answers;
    const all = (isOne ? { 'GET /a': answers, 'POST /a': answers } : answers) as Record<string, Answer>;
    api = await ScriptedApi.start(() => ({ answers: all }));
    const config = {
      client: { base_url: api.url, paginator: 'single_page', retry: { initial_delay: 0 }, ...client },
      resources: [{ name: 'a', endpoint: { data_selector: 'data', ...endpoint } }],
    } as unknown as RestApiConfig;
    const rows = restApi(config).resources['a']!.pipe(toArray());
    const came = await lastValueFrom(rows).catch((error: Error & { code?: string }) => error);
    const lines = api.asked.map(({ line }) => line);
    return came instanceof Error ? { error: came, lines } : { rows: came.flatMap((chunk) => chunk.rows), lines };
  }
  const good = { body: { data: [{ id: 1 }] } };
  const failing = (status: number, headers = {}): Answer => ({ status, body: {}, headers });

  describe('retry', () => {
    const of = (retry: object) => ({ retry: { initial_delay: 0, ...retry } });

    it('tries 408, 425 and every 5xx again, and not 501 and 505', async () => {
      for (const status of [408, 425, 429, 500, 502, 503, 504, 507, 520, 529])
        expect((await read([failing(status), good], {})).rows, String(status)).to.deep.equal([{ id: 1 }]);
      for (const status of [400, 404, 409, 501, 505])
        expect((await read([failing(status), good], {})).lines, String(status)).to.have.length(1);
    });

    it('tries the statuses again that it names, and no other', async () => {
      expect((await read([failing(404), good], of({ statuses: [404] }))).rows).to.deep.equal([{ id: 1 }]);
      expect((await read([failing(500), good], of({ statuses: [404] }))).lines).to.have.length(1);
    });

    it('does not wait for a server that asks for more than max_server_wait', async () => {
      const { lines } = await read([failing(503, { 'retry-after': '2' }), good], of({ max_server_wait: 1 }), {
        rate_limit: { follow_server: false },
      });
      expect(lines).to.have.length(1);
    });

    it('gives up when max_elapsed would pass', async () => {
      expect((await read([failing(500), good], of({ initial_delay: 5, max_elapsed: 1 }))).lines).to.have.length(1);
    });

    it('does not repeat a POST that may have been carried out, when told so', async () => {
      const post = { method: 'POST', json: {} };
      expect((await read([failing(500), good], post)).lines).to.have.length(2);
      expect(
        (await read([failing(500), good], { ...post, ...of({ retry_non_idempotent: false }) })).lines,
      ).to.have.length(1);
      expect(
        (await read([failing(425), good], { ...post, ...of({ retry_non_idempotent: false }) })).lines,
      ).to.have.length(2);
    });

    it('takes functions in a program', async () => {
      const seen: number[] = [];
      const when = ({ status }: { status: number }) => status === 404;
      const delay = (_: unknown, attempt: number) => {
        seen.push(attempt);
        return [0];
      };
      expect((await read([failing(404), failing(404), good], of({ when, delay }))).rows).to.deep.equal([{ id: 1 }]);
      expect(seen).to.deep.equal([1, 2]);
    });

    it('takes a jitter, and no other word for it', async () => {
      expect((await read([failing(500), good], of({ jitter: 'full' }))).rows).to.deep.equal([{ id: 1 }]);
      const config = { client: { base_url: 'http://x', retry: { jitter: 'some' } }, resources: ['a'] };
      expect(problemsOf(config)[0]).to.include({ path: 'client.retry.jitter', code: 'wrong-value' });
    });
  });

  it('end a walk that outgrows max_bytes, and a body that outgrows max_body_bytes', async () => {
    const page = { body: { data: [{ id: 1, text: 'x'.repeat(500) }] } };
    expect((await read(page, { max_bytes: 100 })).error).to.include({ code: 'ERR_PAGINATION_LIMIT' });
    expect((await read(page, {}, { max_body_bytes: 100 })).error).to.include({ code: 'ERR_HTTP_BODY_TOO_LARGE' });
    expect((await read(page, { max_body_bytes: 1000 }, { max_body_bytes: 100 })).rows).to.have.length(1);
  });

  it('follow as many redirects as they allow', async () => {
    const answers = { 'GET /a': { status: 302, headers: { location: '/b' } }, 'GET /b': good };
    expect((await read(answers, {})).rows).to.have.length(1);
    expect((await read(answers, { max_redirects: 0 })).error).to.include({ code: 'ERR_HTTP_REDIRECT' });
  });

  it('take equal pages for what they are when told so', async () => {
    const paginator = { type: 'page_number', base_page: 1, maximum_page: 3, total_path: null };
    expect((await read(good, { paginator })).error).to.include({ code: 'ERR_PAGINATION_LOOP' });
    expect((await read(good, { paginator, allow_repeated_pages: true })).rows).to.have.length(2);
  });

  it('show hooks each response once, before the response actions, and take what they make of it', async () => {
    const seen: string[] = [];
    const note = (name: string) => (response: HttpResponse) => {
      seen.push(`${name} ${response.status}`);
      return undefined;
    };
    const rewrite = (response: HttpResponse) =>
      response.status === 404 ? { ...response, status: 200, body: { data: [{ id: 2 }] } } : undefined;
    const { rows } = await read([failing(500), failing(404)], {
      hooks: { response: [note('first'), rewrite, note('second')] },
      response_actions: [{ status_code: 404, action: 'fail' }],
    });
    expect(rows).to.deep.equal([{ id: 2 }]);
    expect(seen).to.deep.equal(['first 500', 'second 500', 'first 404', 'second 200']);
    await read(good, {}, { hooks: { response: note('client') } });
    expect(seen.at(-1)).to.equal('client 200');
    const config = { client: { base_url: 'http://x', hooks: { response: 'print' } }, resources: ['a'] };
    expect(problemsOf(config)).to.have.length(1);
  });

  it('let a response action decide by a function, and say why', async () => {
    const when = ({ body }: HttpResponse) => (body as { data: unknown[] }).data.length === 1;
    const { error } = await read(good, { response_actions: [{ when, action: 'fail', message: 'Ask the owner.' }] });
    expect(error?.message).to.contain('Ask the owner.');
  });

  it('keep a budget for each origin, and follow no server when told so', async () => {
    const { rows, lines } = await read(
      [failing(429, { 'retry-after': '3600' }), good],
      { retry: { max_retries: 0 } },
      {
        rate_limit: { per: 'origin', follow_server: false, requests: 1000 },
      },
    );
    expect([rows, lines.length]).to.deep.equal([undefined, 1]);
  });

  it('close each connection when told so', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      json(response, { data: [{ id: request.url }] });
    });
    try {
      const paginator = { type: 'page_number', maximum_page: 3, total_path: null } as const;
      for (const keep_alive of [true, false]) {
        ports.clear();
        const client = { base_url: server.url, paginator, keep_alive };
        await lastValueFrom(restApi({ client, resources: ['a'] }).resources['a']!.pipe(toArray()));
        expect(ports.size).to.equal(keep_alive ? 1 : 3);
      }
    } finally {
      await server.close();
    }
  });

  it('walk by the id when a keyset names no other key', async () => {
    const answers = { 'GET /a': good, 'GET /a?after=1': { body: { data: [] } } };
    const { lines } = await read(answers, { paginator: { type: 'keyset', key_param: 'after' } });
    expect(lines).to.deep.equal(['GET /a', 'GET /a?after=1']);
  });

  it('ask for a token with headers and a shape of its own', async () => {
    const auth = {
      type: 'oauth2_client_credentials',
      client_id: 'me',
      client_secret: 'secret',
      scope: ['read', 'write'],
      access_token_request_headers: { 'X-Tenant': 'one' },
      prefix: 'Token',
      parse_token: (body: { data: { value: string } }) => ({ accessToken: body.data.value }),
    };
    const answers = { 'POST /token': { body: { data: { value: 'shaped-token' } } }, 'GET /a': good };

    const token = await ScriptedApi.start(() => ({ answers }));
    try {
      const { rows } = await read(answers, {}, { auth: { ...auth, access_token_url: `${token.url}/token` } });
      expect(rows).to.deep.equal([{ id: 1 }]);
      expect(token.asked[0]?.headers).to.include({ 'x-tenant': 'one' });
      expect(token.asked[0]?.body).to.contain('scope=read+write');
      expect(api!.asked[0]?.headers.authorization).to.equal('Token shaped-token');
    } finally {
      await token.stop();
    }
  });
});
