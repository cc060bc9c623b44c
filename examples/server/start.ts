// Starts the demo API in a process of its own and talks to the part of it that is there for the demo.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Change } from './projects.js';

export interface DemoApi {
  readonly url: string;
  readonly pid: number;
  /** Changes projects upstream; with `addBefore`, one more is added while the list is read, before that offset. */
  change(what: { update: number; add: number; addBefore?: number }): Promise<Change>;
  /** What the server has seen since its start. */
  stats(): Promise<{ readonly requests: number; readonly failures: number; readonly total: number }>;
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Where to listen; when the port is taken, another one is found. 0: any. @default 4010 */
  readonly port?: number;
  /** How many projects there are. @default 3000 */
  readonly projects?: number;
}

/** Starts the server. It ends with this process, or with `stop()`. */
export async function startDemoApi({ port = 4010, projects = 3000 }: DemoOptions = {}): Promise<DemoApi> {
  const script = fileURLToPath(new URL('../server.ts', import.meta.url));
  const child = fork(script, [String(port), String(projects)], {
    execArgv: ['--import', createRequire(import.meta.url).resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [message] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => Promise.reject(new Error(`the demo API ended with exit code ${code} before it was ready`))),
  ])) as [{ url: string }];
  const { url } = message;
  return {
    url,
    pid: child.pid!,
    async change({ update, add, addBefore }) {
      const before = addBefore === undefined ? '' : `&add_before=${addBefore}`;
      return json(`${url}/demo/change?update=${update}&add=${add}${before}`, { method: 'POST' });
    },
    stats: () => json(`${url}/demo/stats`),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}
