// A marked secret in every place where one can be, every kind of failure, and a search for it in everything that comes out: errors,
// progress, printed output, state and files; raw, URL-encoded, escaped, and in base64.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { client, jsonLink, pages, restApi, run, SluiceError } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { type Asked, type Fault, faultyServer } from './faulty-server.js';
import { headerText, type Place, places } from './secret-places.js';

/** The part of the secret that is looked for. It is in the middle, so that every spelling of the secret holds it. */
const mark = 'xMARKEDx7Q9zK2';
const base64Marks = [0, 1, 2].map((shift) =>
  Buffer.from('\0'.repeat(shift) + mark)
    .toString('base64')
    .replace(/=+$/, '')
    .slice(4, -2),
);

/** What surrounds the mark: signs that are written differently in URLs, JSON and base64. */
const around = fc.stringMatching(/^[a-z0-9+/=&%!'() "\\ü.*$^[\]{}?#@~-]{6,12}$/).filter((text) => text.trim() === text);
const secretText = fc.tuple(around, around).map(([before, after]) => before + mark + after);
/** How the server fails, after a first page that repeats the key in its link. */
type Failing = (secret: string) => Fault;
const echo = (secret: string) =>
  `you sent ${secret}, ${encodeURIComponent(secret)}, ${JSON.stringify({ secret })}, ${Buffer.from(`me:${secret}`).toString('base64')}`;
const failures: Readonly<Record<string, Failing>> = {
  'a status that repeats it': (secret) => ({
    kind: 'status',
    status: 403,
    body: echo(secret),
    headers: { 'x-echo': encodeURIComponent(secret) },
  }),
  'a server error that repeats it': (secret) => ({ kind: 'status', status: 500, body: echo(secret) }),
  'a body that is something else': (secret) => ({
    kind: 'body',
    text: `<html>${echo(secret)}</html>`,
    type: 'text/html',
  }),
  'a body that is cut inside it': (secret) => {
    const text = JSON.stringify({ error: secret });
    return { kind: 'body', text: text.slice(0, text.indexOf(mark) + mark.length), type: 'application/json' };
  },
  'a redirect loop that repeats it': (secret) => ({
    kind: 'redirect',
    to: `/rows?page=2&own=${encodeURIComponent(secret)}`,
  }),
  'a redirect to nowhere': (secret) => ({
    kind: 'redirect',
    to: `http://me:${encodeURIComponent(secret)}@127.0.0.1:1/?access_token=${encodeURIComponent(secret)}`,
  }),
  'a reset': () => ({ kind: 'reset' }),
  silence: () => ({ kind: 'silence' }),
};

/** How many examples are tried. */
const runs = Number(process.env['SLUICE_SECRETS'] ?? 40);

describe('secrets', function () {
  this.timeout(200_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Everything that came out, as one text. */
  const collect = async (parts: unknown[]): Promise<string> => {
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
    const texts = parts.flatMap((part) => [inspect(part, { depth: 12 }), JSON.stringify(part), stackOf(part)]);
    return [...texts, ...names.map(({ name }) => name), ...(await Promise.all(files))].join('\n');
  };

  it('are in nothing that comes out, wherever they are and whatever fails', async () => {
    const printed: string[] = [];
    const out: unknown[] = printed;
    let masked = 0;
    const restore = listen(printed);
    try {
      await fc.assert(
        fc.asyncProperty(
          secretText,
          fc.constantFrom(...Object.keys(places)),
          fc.constantFrom(...Object.keys(failures)),
          fc.boolean(),
          async (text, place, failure, atToken) => {
            // Also what a run left that failed this test: else each smaller example would find it there.
            await rm(join(folder, '.sluice'), { recursive: true, force: true });
            out.length = 0;
            const secret = /bearer|header|function/.test(place) ? headerText(text) : text;
            const plan = planOf(secret, (failures[failure] as Failing)(secret), {
              atToken,
              echoed: echoedOf(place),
            });
            const server = await faultyServer({ rows: 10, plan });
            try {
              const made = (places[place] as Place)(server.url, secret);
              const api = client({ baseUrl: server.url, timeout: 40, ...made.client });
              const chain = pages(api, { url: '/rows', ...made.request }, jsonLink({ nextUrlPath: 'next' })).pipe(
                retry({ maxRetries: 1, initialDelay: 0 }),
                select('data'),
                parquet(join(folder, 'rows.parquet'), { checkpoint: { pages: 1 } }),
              );
              out.push(await run(chain, { onProgress: (event) => out.push(event) }).catch((error) => error));
              api.close();
            } finally {
              await server.close();
            }
            expect(out.at(-1)).to.be.instanceOf(SluiceError);
            const everything = await collect(out.splice(0));
            if (everything.includes('***')) masked += 1;
            for (const each of [mark, ...base64Marks])
              expect(contextOf(everything, each), `${place}, ${failure}: ${contextOf(everything, each)}`).to.equal('');
          },
        ),
        { numRuns: runs },
      );
      // The secret did come by.
      expect(masked).to.be.above(runs / 5);
    } finally {
      restore();
    }
  });

  it('are in nothing that a configuration brings out', async () => {
    for (const [name, failing] of Object.entries(failures)) {
      const secret = `a+/&"${mark} %ü$`;
      const server = await faultyServer({
        rows: 10,
        plan: planOf(secret, failing(secret), { atToken: false, echoed: ['own', 'access_token'] }),
      });
      const out: unknown[] = [];
      try {
        const source = restApi(
          {
            client: {
              base_url: server.url,
              timeout: 0.04,
              auth: { type: 'api_key', name: 'own', location: 'query', api_key: '{secrets.own_key}' },
            },
            resource_defaults: { endpoint: { retry: { max_retries: 0 } } },
            resources: [
              { name: 'rows', endpoint: { path: '/rows', paginator: { type: 'json_link', next_url_path: 'next' } } },
            ],
          } as unknown as Parameters<typeof restApi>[0],
          { env: { OWN_KEY: secret } } as Parameters<typeof restApi>[1],
        );
        out.push(source.explain());
        out.push(
          await source
            .run({ out: folder, onProgress: (event: unknown) => out.push(event) } as never)
            .catch((error) => error),
        );
      } finally {
        await server.close();
      }
      const everything = await collect(out);
      expect(everything).to.contain('/rows');
      for (const each of [mark, ...base64Marks]) expect(contextOf(everything, each), name).to.equal('');
      await rm(join(folder, '.sluice'), { recursive: true, force: true });
    }
  });
});

/** Under which names the link to the next page repeats the secret: nobody can know one that a server moves to another place. */
function echoedOf(place: string): readonly string[] {
  if (place.startsWith('field')) return [];
  return place.startsWith('param') ? ['access_token'] : ['own', 'access_token'];
}

interface PlanOptions {
  readonly atToken: boolean;
  /** The parameters of the link that repeat the secret. */
  readonly echoed: readonly string[];
}

/** Tokens are given out, unless it is them that fail; the first page links to the second with the secret in the link. */
function planOf(secret: string, fault: Fault, { atToken, echoed }: PlanOptions): (asked: Asked) => Fault {
  const query = echoed.map((name) => `&${name}=${encodeURIComponent(secret)}`).join('');
  const token = {
    access_token: `${secret}-access`,
    token: `${headerText(secret)}-session`,
    token_type: 'bearer',
    refresh_token: `${secret}-next`,
  };
  return ({ path, before }) => {
    if (path === '/token')
      return atToken
        ? fault
        : {
            kind: 'body',
            text: JSON.stringify({ ...token, access_token: headerText(token.access_token) }),
            type: 'application/json',
          };
    if (path !== '/rows' || before > 0) return fault;
    const text = JSON.stringify({ data: [{ id: 1 }], next: `/rows?page=2${query}` });
    return { kind: 'body', text, type: 'application/json' };
  };
}

/** Where a text stands in another, for the message of a failed check; empty when it does not. */
function contextOf(everything: string, text: string): string {
  const at = everything.indexOf(text);
  return at === -1 ? '' : everything.slice(Math.max(0, at - 100), at + 100);
}

/** The stacks and messages of an error and of what caused it. */
function stackOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack}\n${stackOf(error.cause)}` : String(error);
}

/** Keeps what is printed meanwhile. Returns what puts an end to it. */
function listen(printed: string[]): () => void {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  for (const [index, stream] of streams.entries()) {
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      printed.push(String(chunk));
      return (writes[index] as (...all: unknown[]) => boolean).call(stream, chunk, ...rest);
    }) as typeof stream.write;
  }
  return () => {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] as typeof stream.write;
  };
}
