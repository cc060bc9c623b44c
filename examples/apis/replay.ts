// Serves the recorded pages of one of the example APIs: what is asked must be what was recorded, parameter by parameter. The records are
// invented; their shapes are those of the APIs.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';

/** One answer. `{base}` in it stands for the server's address. */
interface Answer {
  /** The body that was asked with, for a POST. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Recording {
  /** What the header Authorization must be. */
  readonly authorization?: string;
  /** By method, path and parameters, sorted by name. */
  readonly exchanges: Readonly<Record<string, Answer | readonly Answer[]>>;
}

export interface Replay {
  readonly url: string;
  /** Method, path and parameters of each request. */
  readonly asked: readonly string[];
  stop(): void;
}

/** Serves `recording.json` of the folder `name` on a free port of the loopback address. */
export async function startReplay(name: string): Promise<Replay> {
  const file = new URL(`${name}/recording.json`, import.meta.url);
  const { authorization, exchanges } = JSON.parse(await readFile(file, 'utf8')) as Recording;
  const asked: string[] = [];
  let url = '';
  const server = createServer(async (request, response) => {
    const content = await text(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const query = [...searchParams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
    const line = `${request.method} ${pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
    asked.push(line);
    const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const filled = (value: unknown) => JSON.stringify(value).replaceAll('{base}', url);
      response.writeHead(status, { 'content-type': 'application/json', ...JSON.parse(filled(headers)) });
      response.end(filled(body));
    };
    if (request.headers.authorization !== authorization) {
      reply(401, { message: 'these are not the credentials of the example' });
      return;
    }
    const answers = [exchanges[line] ?? []].flat() as readonly Answer[];
    const sent = content === '' ? undefined : JSON.parse(content);
    const answer = answers.find(({ json }) => isDeepStrictEqual(json, sent));
    if (answer) reply(200, answer.body, answer.headers);
    else reply(404, { message: `nothing was recorded for ${line} ${content}` });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
