// Kinto (PyPI): records of any shape behind basic auth; the next page's whole address is in the header Next-Page.
import { join } from 'node:path';
import { installOnce, pythonEnvironment, recipeFolder } from './install.js';
import { type RunningServer, serve } from './serve.js';
import { words } from './words.js';

/** A record as the server gives it: its own two fields beside the ones that were written. */
export interface KintoRecord {
  readonly id: string;
  /** Milliseconds since 1970, different for every record of a collection. */
  readonly last_modified: number;
  readonly [field: string]: unknown;
}

export interface Kinto extends RunningServer {
  readonly username: string;
  readonly password: string;
  /** The path of the only collection's records. */
  readonly records: string;
  /** Calls the server's own API with the right credentials. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Every record, ordered by id, asked for by another way than the pages of the server. */
  all(): Promise<readonly KintoRecord[]>;
}

const username = 'reader';
const password = 'pass:wörd with ünicode';
const records = '/v1/buckets/harbour/collections/ships/records';

/** The record that is written as number `n`: nested, with nulls, lists, missing fields, and fields of two types. */
function record(n: number): Record<string, unknown> {
  return {
    id: `ship-${String(n).padStart(4, '0')}`,
    name: `${words[n % words.length]} ${n}`,
    crew: n % 40,
    tons: n % 6 === 0 ? null : n * 1.25,
    launched: new Date(Date.UTC(1990, 0, 1) + n * 36e5).toISOString(),
    home: n % 9 === 0 ? null : { port: words[n % 3], berth: { pier: n % 12, note: n % 2 ? null : 'dry' } },
    cargo: words.slice(0, n % 5),
    legs: Array.from({ length: n % 4 }, (_, leg) => ({ leg, miles: leg * 10.5 })),
    ...(n % 10 === 0 && { flag: true }),
    mixed: n % 2 ? n : `n${n}`,
  };
}

/** Installs Kinto once, serves it, and writes 1,100 records into one collection. */
export async function startKinto(): Promise<Kinto> {
  const folder = await installOnce('kinto', async (target) => {
    await pythonEnvironment(target.folder, target.recipe, target.log);
  });
  const server = await serve({
    name: 'kinto',
    command: (port) => [
      join(folder, 'venv', 'bin', 'kinto'),
      ...['start', '--ini', join(recipeFolder('kinto'), 'kinto.ini'), '--port', `${port}`],
    ],
    ready: '/v1/__heartbeat__',
  });
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  try {
    await call('PUT', `/v1/accounts/${username}`, { data: { password } });
    await call('PUT', '/v1/buckets/harbour');
    await call('PUT', '/v1/buckets/harbour/collections/ships');
    for (let from = 1; from <= 1_100; from += 100) {
      const requests = Array.from({ length: 100 }, (_, n) => ({
        method: 'POST',
        path: records,
        body: { data: record(from + n) },
      }));
      const { responses } = (await call('POST', '/v1/batch', { requests })) as { responses: { status: number }[] };
      const failed = responses.find(({ status }) => status !== 201);
      if (failed) throw new Error(`a record was not written: ${JSON.stringify(failed).slice(0, 500)}`);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    ...server,
    username,
    password,
    records,
    call,
    async all() {
      const found: KintoRecord[] = [];
      for (;;) {
        const after = found.length > 0 ? `&gt_id=${found.at(-1)!.id}` : '';
        const { data } = (await call('GET', `${records}?_sort=id&_limit=400${after}`)) as { data: KintoRecord[] };
        found.push(...data);
        if (data.length < 400) return found;
      }
    },
  };
}
