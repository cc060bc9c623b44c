// A server of pages that misbehaves on demand, over real sockets: for each request a plan says what goes wrong.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What goes wrong with one answer. */
export type Fault =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is reset before the headers, or after them. */
  | { readonly kind: 'reset'; readonly after?: 'headers' }
  /** The connection is closed before the headers. */
  | { readonly kind: 'close' }
  /** The body ends after so many bytes, though its length is announced. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** The same in chunks: the last chunk is missing. */
  | { readonly kind: 'chunks'; readonly bytes: number }
  /** A body that is whole by its length, and ends too early all the same. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** The length that is announced differs from that of the body. */
  | { readonly kind: 'length'; readonly by: number }
  /** A whole chunked body, and more behind it. */
  | { readonly kind: 'more' }
  /** Compressed, without the last bytes. */
  | { readonly kind: 'gzip'; readonly missing: number }
  /** Not a byte of an answer. */
  | { readonly kind: 'silence' }
  /** One byte after the other. */
  | { readonly kind: 'drip'; readonly every: number }
  /** Stops in the middle of the body for so many milliseconds. */
  | { readonly kind: 'pause'; readonly milliseconds: number }
  | { readonly kind: 'redirect'; readonly to: string }
  /** Something that is no page. */
  | { readonly kind: 'body'; readonly text: string; readonly type: string };

export const none: Fault = { kind: 'none' };

export interface Asked {
  /** From 0, in the order of arrival. */
  readonly index: number;
  readonly path: string;
  readonly offset: number;
  /** How often this path and offset was asked for before. */
  readonly before: number;
  readonly headers: IncomingMessage['headers'];
}

export interface FaultyServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: readonly Asked[];
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** How many rows each path has. */
  readonly rows: number;
  readonly plan: (asked: Asked) => Fault;
}

export function row(id: number): Record<string, unknown> {
  return { id, name: `row ${id} "é" \\ 🙂`, price: id / 4, tags: ['a', 'b'], note: id % 3 === 0 ? null : 'x' };
}

/** Serves `{ data, total }` at every path, by `offset` and `limit`. */
export async function faultyServer({ rows, plan }: ServerOptions): Promise<FaultyServer> {
  const asked: Asked[] = [];
  const counts = new Map<string, number>();
  const open = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const offset = Number(searchParams.get('offset') ?? 0);
    const key = `${pathname} ${offset}`;
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    const one: Asked = { index: asked.length, path: pathname, offset, before, headers: request.headers };
    asked.push(one);
    const limit = Number(searchParams.get('limit') ?? 100);
    const data = Array.from({ length: Math.max(0, Math.min(limit, rows - offset)) }, (_, index) => row(offset + index));
    answer(response, Buffer.from(JSON.stringify({ data, total: rows })), plan(one), timers);
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearInterval(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, body: Buffer, fault: Fault, timers: Set<NodeJS.Timeout>): void {
  const socket = response.socket as Socket;
  const json = { 'content-type': 'application/json' };
  const whole = { ...json, 'content-length': body.length };
  switch (fault.kind) {
    case 'none':
      response.writeHead(200, whole).end(body);
      break;
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? 'something went wrong');
      break;
    case 'reset':
      if (fault.after === undefined) socket.resetAndDestroy();
      else response.writeHead(200, whole).write(body.subarray(0, 1), () => socket.resetAndDestroy());
      break;
    case 'close':
      socket.destroy();
      break;
    case 'cut':
      response.writeHead(200, whole).write(body.subarray(0, fault.bytes), () => socket.destroy());
      break;
    case 'chunks':
      response
        .writeHead(200, { ...json, 'transfer-encoding': 'chunked' })
        .write(body.subarray(0, fault.bytes), () => socket.end());
      break;
    case 'short':
      response.writeHead(200, { ...json, 'content-length': fault.bytes }).end(body.subarray(0, fault.bytes));
      break;
    case 'length': {
      const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length + fault.by}\r\n\r\n`;
      socket.write(head);
      socket.end(body);
      break;
    }
    case 'more': {
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}and more`,
      );
      break;
    }
    case 'gzip': {
      const packed = gzipSync(body);
      const part = packed.subarray(0, packed.length - fault.missing);
      response.writeHead(200, { ...json, 'content-encoding': 'gzip', 'content-length': part.length }).end(part);
      break;
    }
    case 'silence':
      break;
    case 'drip': {
      response.writeHead(200, whole);
      let at = 0;
      const timer = setInterval(() => {
        response.write(body.subarray(at, at + 1));
        at += 1;
        if (at === body.length) response.end();
        if (at === body.length || socket.destroyed) clearInterval(timer);
      }, fault.every);
      timers.add(timer);
      break;
    }
    case 'pause': {
      response.writeHead(200, whole).write(body.subarray(0, body.length >> 1));
      timers.add(setTimeout(() => response.end(body.subarray(body.length >> 1)), fault.milliseconds));
      break;
    }
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      break;
    case 'body':
      response.writeHead(200, { 'content-type': fault.type }).end(fault.text);
      break;
  }
}
