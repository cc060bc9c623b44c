// A walk over a server that breaks in another way at each page: every page comes once, none is short, and one more attempt is enough.
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { lastValueFrom, map, toArray } from 'rxjs';
import { client } from '../../lib/http/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { retry } from '../../operators/index.js';
import { rawServer } from './raw-server.js';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const whole = (page: string) => `${head}Content-Length: ${page.length}\r\n\r\n${page}`;

const breaks: readonly ((socket: Socket, page: string) => void)[] = [
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(`${head}Content-`),
  (socket, page) => socket.end(whole(page).slice(0, -5)),
  (socket, page) => socket.end(`${head}\r\n${page.slice(0, -5)}`),
  (socket, page) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n${page.length.toString(16)}\r\n${page}\r\n`),
  (socket, page) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nfff\r\n${page}`),
  (socket, page) => {
    const bytes = gzipSync(page).subarray(0, -9);
    socket.write(`${head}Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  },
  (socket, page) => socket.write(`${whole(page)}and more`),
  (socket, page) => socket.write(whole(page).replace(/Content-Length.*\r\n/, '$&$&')),
  (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => socket.resetAndDestroy()),
];

for (const [name, sender] of [
  ['of the platform', {}],
  ['node-fetch', { fetch: 'node-fetch' }],
] as const)
  describe(`a walk over the transport ${name}`, () => {
    it('loses no page and repeats none, however each of them is broken at first', async () => {
      const asked: number[] = [];
      const server = await rawServer((socket, number) => {
        const page = Number(/offset=(\d+)/.exec(server.heads[number]!)![1]) / 3;
        const rows = page < breaks.length ? [0, 1, 2].map((row) => page * 3 + row) : [];
        const broken = breaks[page];
        asked.push(page);
        if (broken !== undefined && asked.filter((each) => each === page).length === 1)
          broken(socket, JSON.stringify(rows));
        else socket.write(whole(JSON.stringify(rows)));
      });
      const api = client({ baseUrl: server.url, ...sender });
      const walk = pages(api, '/rows', offset({ limit: 3 })).pipe(retry({ maxRetries: 1, initialDelay: 1 }));
      const bodies = await lastValueFrom(
        walk.pipe(
          map(({ body }) => body as number[]),
          toArray(),
        ),
      );
      api.close();
      server.close();
      expect(bodies.flat()).to.deep.equal(Array.from({ length: breaks.length * 3 }, (_, row) => row));
      expect(asked).to.deep.equal([...breaks.keys()].flatMap((page) => [page, page]).concat(breaks.length));
    });
  });
