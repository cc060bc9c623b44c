// The API that the documents' programs talk to: answers each path with the same list of projects, whatever the credentials.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'lossless-json';
import { Projects } from '../../examples/server/projects.js';

export interface DocumentsApi {
  readonly url: string;
  stop(): void;
}

export async function startDocumentsApi(): Promise<DocumentsApi> {
  const projects = new Projects(250);
  const server = createServer((request, response) => {
    request.resume();
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const data = projects.page(Number(searchParams.get('offset') ?? 0), Number(searchParams.get('limit') ?? 100));
    response.writeHead(200, { 'content-type': 'application/json' }).end(stringify({ data, total: projects.total }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
