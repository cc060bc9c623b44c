// An API of lists, in pages of five, that answers some requests with 503 or a lost connection before it answers them well, and that counts what
// it was asked. What it lists changes with its phase.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../../../lib/core/index.js';

export type ListedRow = Readonly<Record<string, Json>>;

/** What is listed at each path. */
export type Listings = Readonly<Record<string, readonly ListedRow[]>>;

export const pageSize = 5;

export class PagedApi {
  readonly url: string;
  /** Answers with a page, in this phase. */
  served = 0;
  /** Of those, the ones that were given before. */
  repeated = 0;
  /** Called for each request with a page, before it is answered. */
  onPage: () => void = () => undefined;
  readonly #server: Server;
  #listings: Listings = {};
  readonly #seen = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<PagedApi> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = new PagedApi(server);
    server.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url!, api.url);
      const key = request.url!;
      const before = api.#seen.get(key) ?? 0;
      api.#seen.set(key, before + 1);
      const offset = Number(searchParams.get('offset'));
      const page = offset / pageSize;
      if (before === 0 && page % 97 === 13) {
        response.writeHead(503, { 'retry-after': '0' }).end();
        return;
      }
      if (before === 0 && page % 193 === 50) {
        request.socket.destroy();
        return;
      }
      if (before > (page % 97 === 13 || page % 193 === 50 ? 1 : 0)) api.repeated += 1;
      api.served += 1;
      api.onPage();
      const since = Number(searchParams.get('since') ?? Number.NEGATIVE_INFINITY);
      const rows = (api.#listings[pathname] ?? []).filter(({ at = 0 }) => Number(at) >= since);
      const body = JSON.stringify({ data: rows.slice(offset, offset + pageSize), total: rows.length });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    return api;
  }

  /** Another load begins: what was asked before does not count as asked again. */
  forget(): void {
    this.#seen.clear();
  }

  /** Lists something else. */
  list(listings: Listings): void {
    this.#listings = listings;
    this.forget();
    this.served = 0;
    this.repeated = 0;
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
