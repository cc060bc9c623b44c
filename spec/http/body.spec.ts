// Bodies: charsets, compression, limits, empty ones, and those that are cut or something else than JSON.
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { bearer, type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { ask, failure, serve, type TestServer } from './server.js';

describe('bodies', () => {
  let server: TestServer;
  let api: HttpClient;
  afterEach(async () => {
    api.close();
    await server.close();
  });
  const start = async (
    headers: Record<string, string>,
    body: Buffer | string,
    options: ClientOptions = {},
    status = 200,
  ) => {
    server = await serve((_, response) => response.writeHead(status, headers).end(body));
    api = client({ baseUrl: server.url, ...options });
  };

  const data = Buffer.from(JSON.stringify({ data: Array.from({ length: 200 }, (_, id) => ({ id, name: `ü${id}` })) }));
  const codings: readonly [string, (bytes: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
  ];
  for (const [coding, compress] of codings) {
    it(`are decompressed: ${coding} by ${compress.name || 'both'}`, async () => {
      await start({ 'content-encoding': coding }, compress(data));
      const response = await ask(api, '/');
      expect(response.text).to.equal(data.toString());
      expect(response.bytes).to.equal(data.length);
      expect(server.requests[0]?.headers['accept-encoding']).to.equal('gzip, deflate, br');
    });

    it(`that are compressed and cut are never taken for whole: ${coding} by ${compress.name || 'both'}`, async () => {
      const lines = Buffer.from(`[${Array.from({ length: 500 }, () => Math.random()).join(',')}]`);
      await start({ 'content-encoding': coding }, compress(lines).subarray(0, -12));
      expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', transient: true });
    });
  }

  for (const status of [200, 204, 304]) {
    it(`are undefined when empty, with status ${status}`, async () => {
      await start(status === 200 ? {} : { 'content-type': 'application/json' }, '', {}, status);
      expect(await ask(api, '/')).to.include({ status, body: undefined, text: '', bytes: 0 });
    });
  }

  it('are cut when empty although they are said to be JSON: taken for a page, they would end the walk', async () => {
    await start({ 'content-type': 'application/json; charset=utf-8' }, '');
    expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', transient: true });
  });

  it('of errors are free of secrets, also as the error carries them', async () => {
    await start(
      { 'content-type': 'application/json', 'x-echo': 'SECRETKEY123' },
      '{"error":"SECRETKEY123"}',
      { auth: bearer('SECRETKEY123') },
      500,
    );
    const error = await failure(api, '/');
    expect(inspect(error, { showHidden: true, depth: 9 })).to.not.include('SECRETKEY123');
  });

  const charsets: readonly [string, Record<string, string>, Buffer][] = [
    ['a byte order mark', { 'content-type': 'application/json' }, Buffer.from('\ufeff{"a":"é"}')],
    ['latin1', { 'content-type': 'application/json; charset="ISO-8859-1"' }, Buffer.from('{"a":"é"}', 'latin1')],
    ['UTF-16 by its mark', {}, Buffer.from('\ufeff{"a":"é"}', 'utf16le')],
    ['a charset that nobody knows', { 'content-type': 'application/json; charset=x-none' }, Buffer.from('{"a":"é"}')],
  ];
  for (const [name, headers, body] of charsets) {
    it(`are read with ${name}`, async () => {
      await start(headers, body);
      expect((await ask(api, '/')).body).to.deep.equal({ a: 'é' });
    });
  }

  it('have a limit that counts decompressed bytes', async () => {
    await start({ 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000, ' ')), { maxBodyBytes: 100_000 });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_BODY_TOO_LARGE', transient: false });
    expect(error.message).to.contain('larger than 100000 bytes').and.contain('maxBodyBytes');
    // Whoever runs a configuration has another name for it.
    expect(error.message).to.contain('max_body_bytes in a configuration');
  });

  it('without end are left as soon as they pass the limit', async () => {
    let open = 0;
    server = await serve((_, response) => {
      open += 1;
      const timer = setInterval(() => response.write('x'.repeat(50_000)), 1);
      response.on('close', () => {
        clearInterval(timer);
        open -= 1;
      });
    });
    api = client({ baseUrl: server.url, maxBodyBytes: 200_000 });
    expect((await failure(api, '/')).code).to.equal('ERR_HTTP_BODY_TOO_LARGE');
    while (open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  for (const [name, text, code, reason] of [
    ['cut inside a text', '{"data":[{"id":"ab', 'ERR_HTTP_BODY_CUT', 'the JSON body ends before its end'],
    ['cut inside a list', '{"data":[1,2,', 'ERR_HTTP_BODY_CUT', 'the JSON body ends before its end'],
    ['an HTML page', '<!doctype html><p>Login</p>', 'ERR_HTTP_BODY_INVALID', 'the body is not JSON but an HTML page'],
    ['XML', '<?xml version="1.0"?><a/>', 'ERR_HTTP_BODY_INVALID', 'the body is not JSON but XML or HTML'],
    [
      'JSON with a mistake',
      '{"a": NaN}',
      'ERR_HTTP_BODY_INVALID',
      'the body is not JSON but JSON with a mistake in it',
    ],
    ['plain text', 'Service is up', 'ERR_HTTP_BODY_INVALID', 'the body is not JSON but text of the type text/plain'],
  ] as const) {
    it(`are named for what they are: ${name}`, async () => {
      await start({ 'content-type': text.startsWith('S') ? 'text/plain; charset=utf-8' : 'application/json' }, text);
      const error = await failure(api, '/');
      expect(error).to.include({ code, reason, transient: code === 'ERR_HTTP_BODY_CUT', bodyStart: text });
    });
  }

  it('of failures are shown to 500 characters, without secrets', async () => {
    const body = `key 'MARKED-secret' is wrong ${'x'.repeat(100_000)}`;
    await start(
      {},
      body,
      { auth: (request) => ({ ...request, headers: { ...request.headers, 'x-k': 'MARKED-secret' } }) },
      500,
    );
    const error = await failure(api, '/');
    expect(error.bodyStart)
      .to.have.length(500)
      .and.match(/^key '\*\*\*' is wrong x/);
  });

  for (const [name, type, text, body] of [
    [
      'JSON lines',
      'application/x-ndjson',
      '{"a":1}\n\n{"a":12345678901234567890}\r\n',
      [{ a: 1 }, { a: 12345678901234567890n }],
    ],
    ['a JSON sequence', 'application/json-seq', '\u001e{"a":1}\n\u001e{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['JSON lines that are called JSON', 'application/json', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'CSV',
      'text/csv; header=present',
      'id,name\r\n1,"a ""b"",\nc"\r\n2,\r\n3,""\r\n',
      [
        { id: '1', name: 'a "b",\nc' },
        { id: '2', name: null },
        { id: '3', name: '' },
      ],
    ],
    [
      'CSV with columns of one name',
      'text/csv',
      'id,id,id_1,id\n1,2,3,4\n',
      [{ id: '1', id_2: '2', id_1: '3', id_3: '4' }],
    ],
    ['CSV with semicolons', 'text/csv', 'id;n\n1;0,5\n', [{ id: '1', n: '0,5' }]],
    [
      'CSV with names of columns that are there twice',
      'text/csv',
      'id,name,name,name_1,\n1,a,b,c,d\n2,,,,\n',
      [
        { id: '1', name: 'a', name_2: 'b', name_1: 'c', '': 'd' },
        { id: '2', name: null, name_2: null, name_1: null, '': null },
      ],
    ],
    ['CSV with separators inside of quotes', 'text/csv', '"a,b,c";"d\n,,,"\n1;2\n', [{ 'a,b,c': '1', 'd\n,,,': '2' }]],
    ['values between tabs', 'text/tab-separated-values', 'id\tn\n1\tx\n', [{ id: '1', n: 'x' }]],
  ] as const) {
    it(`are lists of records as ${name}`, async () => {
      await start({ 'content-type': type }, text);
      expect((await ask(api, '/')).body).to.deep.equal(body);
    });
  }

  for (const [name, type, text, reason] of [
    ['JSON lines', 'application/x-ndjson', '{"a":1}\n{"a":', 'the JSON body ends before its end, in line 2'],
    ['CSV inside quotes', 'text/csv', 'id,name\n1,"a', 'the CSV body ends before its end'],
    ['CSV inside a line', 'text/csv', 'id,name,n\n1,a,2\n1,a', 'the CSV body ends before its end'],
  ] as const) {
    it(`are known to be cut as ${name}`, async () => {
      await start({ 'content-type': type }, text);
      expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', reason, transient: true });
    });
  }

  it('are what the option format says, whatever the server says', async () => {
    await start({ 'content-type': 'application/json' }, 'a,b\n1,2\n', { format: 'csv' });
    expect((await ask(api, '/')).body).to.deep.equal([{ a: '1', b: '2' }]);
    const plain = client({ baseUrl: server.url, format: 'text' });
    expect((await ask(plain, '/')).body).to.equal('a,b\n1,2\n');
    plain.close();
  });

  it('of CSV with lines of different length say in which line', async () => {
    await start({ 'content-type': 'text/csv' }, 'a,b\n1,2,3\n4,5\n');
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_BODY_INVALID', transient: false });
    expect(error.reason).to.contain('line 2');
  });

  it('cut at any byte are an error, never a shorter page', async () => {
    const text = JSON.stringify({
      data: [
        { id: 1, name: 'a"b\\' },
        { id: 2.5, ok: true },
      ],
    });
    let cut = 0;
    server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': text.length });
      response.write(text.slice(0, cut), () => response.destroy());
    });
    api = client({ baseUrl: server.url });
    for (cut = 1; cut < text.length; cut += 1) {
      expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', transient: true });
    }
  });
});
