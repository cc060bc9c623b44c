// An API that answers what a golden case says, over a real socket, and remembers what it was asked.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON; nothing at all when it is not there. */
  readonly body?: unknown;
}

/** What the API was asked: `line` is method and URL with its parameters in order of their names. */
export interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body?: unknown;
}

/** Records of which the API gives out pages, by offset and limit or by page number. */
export interface Listing {
  readonly records: number | readonly unknown[];
  readonly by: 'offset' | 'page_number' | 'none';
  /** Where in the body the records are. @default data */
  readonly key?: string;
  /** Records on a page when the request does not say. @default 2 */
  readonly size?: number;
  /** The number of the first page. @default 0 */
  readonly base?: number;
  /** Where the body says how many records (offset) or pages there are. */
  readonly total?: string;
}

export interface Script {
  /** By method and URL, or by method and path; several answers are given one after the other, the last one for ever. */
  readonly answers?: Readonly<Record<string, Answer | readonly Answer[]>>;
  readonly listings?: Readonly<Record<string, Listing>>;
}

export class ScriptedApi {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #server: Server;
  #held: { readonly line: string; readonly asked: () => void } | undefined;
  #release: () => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(script: (url: string) => Script): Promise<ScriptedApi> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = new ScriptedApi(server);
    const { answers = {}, listings = {} } = script(api.url);
    const given = new Map<string, number>();
    server.on('request', async (request, response) => {
      const url = new URL(request.url ?? '/', api.url);
      url.searchParams.sort();
      const content = await text(request);
      const line = `${request.method} ${url.pathname}${url.search}`;
      api.asked.push({ line, headers: request.headers, ...(content !== '' && { body: parsed(content) }) });
      await api.#hold(line);
      const key = [line, `${request.method} ${url.pathname}`].find((each) => Object.hasOwn(answers, each));
      const listing = listings[`${request.method} ${url.pathname}`];
      let answer: Answer = { status: 404, body: { error: `nothing is scripted for ${line}` } };
      if (key !== undefined) {
        const all = [answers[key]!].flat() as readonly Answer[];
        const turn = given.get(key) ?? 0;
        given.set(key, turn + 1);
        answer = all[Math.min(turn, all.length - 1)]!;
      } else if (listing) answer = { body: page(listing, url) };
      const body =
        answer.body === undefined || typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(body);
    });
    return api;
  }

  /** Answers to this line, the next time it is asked for, only after `release`. `asked` is called when it is. */
  holdBack(line: string, asked: () => void): void {
    this.#held = { line, asked };
  }

  release(): void {
    this.#release();
  }

  async #hold(line: string): Promise<void> {
    if (this.#held?.line !== line) return;
    const { asked } = this.#held;
    this.#held = undefined;
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    asked();
    await released;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function page({ records, by, key = 'data', size = 2, base = 0, total }: Listing, url: URL): unknown {
  const all =
    typeof records === 'number' ? Array.from({ length: records }, (_, index) => ({ id: index + 1 })) : records;
  const limit = Number(url.searchParams.get('limit') ?? size);
  let start = 0;
  if (by === 'offset') start = Number(url.searchParams.get('offset') ?? 0);
  else if (by === 'page_number') start = (Number(url.searchParams.get('page') ?? base) - base) * limit;
  const shown = by === 'none' ? all : all.slice(start, start + limit);
  const count = by === 'page_number' ? Math.ceil(all.length / limit) : all.length;
  return { [key]: shown, ...(total !== undefined && { [total]: count }) };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
