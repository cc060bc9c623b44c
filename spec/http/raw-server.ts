// A server that speaks bytes: what each request began with, and an answer exactly as the spec writes it, right or wrong.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface RawServer {
  readonly url: string;
  /** The heads of the requests, as they came. */
  readonly heads: string[];
  /** What followed them. */
  readonly bodies: string[];
  /** Connections that were made, in order. */
  readonly sockets: Socket[];
  close(): void;
}

/** Listens on `host`, on a free port. `answer` is called when a request is whole; its number counts from 0. */
export async function rawServer(
  answer: (socket: Socket, number: number) => void,
  host = '127.0.0.1',
): Promise<RawServer> {
  const heads: string[] = [];
  const bodies: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = received.slice(0, end);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      bodies.push(Buffer.from(received.slice(end + 4, end + 4 + length), 'latin1').toString());
      received = '';
      answer(socket, heads.push(head) - 1);
    });
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    heads,
    bodies,
    sockets,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
