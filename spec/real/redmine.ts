// Redmine for a spec: starts it, speaks to its REST API, and reads its database behind its back.
import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('redmine.sh', import.meta.url));
const cwd = fileURLToPath(new URL('../..', import.meta.url));

export interface Redmine {
  readonly url: string;
  readonly key: string;
  /** Calls Redmine's own API and returns the parsed body; `undefined` for an empty one. */
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<unknown>;
  /** Rows of Redmine's database. */
  query<T>(sql: string): Promise<T[]>;
  stop(): Promise<void>;
}

/** Installs Redmine if it is not there, sets its database to 350 projects and 5,000 issues, and serves it. */
export async function startRedmine(): Promise<Redmine> {
  await redmine('install');
  await redmine('seed', '350', '5000');
  const port = await freePort();
  await redmine('start', String(port));
  const url = `http://127.0.0.1:${port}`;
  const key = await redmine('key');
  const database = await redmine('database');
  return {
    url,
    key,
    async call(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json', 'x-redmine-api-key': key },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text.trim() === '' ? undefined : JSON.parse(text);
    },
    async query<T>(sql: string) {
      const { stdout } = await run('sqlite3', ['-readonly', '-json', database, sql], { maxBuffer: 256 * 1024 * 1024 });
      return stdout === '' ? [] : (JSON.parse(stdout) as T[]);
    },
    async stop() {
      await redmine('stop');
    },
  };
}

async function redmine(...args: string[]): Promise<string> {
  // Its server stays behind in the background: it must not hold this process's pipes, so the script sends its output to files.
  const { stdout } = await run('bash', [script, ...args], { cwd, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
