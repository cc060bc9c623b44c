// json-server (npm): bare JSON arrays, the next page in the header Link, the key in a cookie, a JSON file behind it.
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, recipeFolder, run } from './install.js';
import { dataFolder, type RunningServer, serve } from './serve.js';
import { words } from './words.js';

export interface JsonServer extends RunningServer {
  /** The value of the cookie `api_key`. */
  readonly key: string;
  /** Everything that the server holds now, in one answer: it writes its file only some time after a change. */
  stored(): Promise<Readonly<Record<'projects' | 'tasks', readonly Readonly<Record<string, unknown>>[]>>>;
  /** Calls the server's own API, with the cookie. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
}

const key = 'json-server-key-51d0';

function project(n: number): Record<string, unknown> {
  return {
    id: n,
    name: `${words[n % words.length]} ${n}`,
    budget: n % 4 === 0 ? null : n * 10.01,
    open: n % 2 === 0,
    owner:
      n % 5 === 0
        ? null
        : { name: words[n % 8], contact: { mail: `u${n}@example.org`, phone: n % 3 ? null : `+${n}` } },
    labels: words.slice(0, n % 4),
  };
}

function task(n: number): Record<string, unknown> {
  return { id: n, projectId: (n % 25) + 1, title: `task ${n}`, hours: n % 3 === 0 ? null : n / 2, done: n % 2 === 1 };
}

/** Installs json-server once and serves 730 projects and 300 tasks of the first 25 of them. */
export async function startJsonServer(): Promise<JsonServer> {
  const folder = await installOnce('json-server', async (target) => {
    for (const file of ['package.json', 'package-lock.json'])
      await copyFile(join(target.recipe, file), join(target.folder, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target.folder, log: target.log });
  });
  const data = await dataFolder('json-server');
  const file = join(data.path, 'db.json');
  let running: RunningServer | undefined;
  const stop = async () => {
    await running?.stop();
    await data.remove();
  };
  try {
    const count = (length: number, make: (n: number) => unknown) => Array.from({ length }, (_, n) => make(n + 1));
    await writeFile(file, JSON.stringify({ projects: count(730, project), tasks: count(300, task) }));
    running = await serve({
      name: 'json-server',
      command: (port) => [
        process.execPath,
        join(folder, 'node_modules', 'json-server', 'lib', 'cli', 'bin.js'),
        ...['--host', '127.0.0.1', '--port', `${port}`, '--quiet'],
        ...['--middlewares', join(recipeFolder('json-server'), 'require-key.cjs'), '--', file],
      ],
      // The working folder is where json-server looks for a configuration.
      cwd: data.path,
      env: { API_KEY: key, NODE_OPTIONS: '' },
      ready: '/projects/1',
    });
    const { url } = running;
    const call: JsonServer['call'] = async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { cookie: `api_key=${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    return {
      url,
      key,
      call,
      stored: () => call('GET', '/db') as ReturnType<JsonServer['stored']>,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
