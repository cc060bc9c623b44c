// Runs a server on a free loopback port, and stops it for certain: also when a spec fails, and when this process is killed.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateFolder } from './install.js';

/** A server that answers. */
export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Stops the server and everything that it started; does nothing the second time. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Names the log file, `<state folder>/<name>.server.log`. */
  readonly name: string;
  /** The command for a port. */
  readonly command: (port: number) => readonly [command: string, ...args: string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A path that answers with a status below 500 once the server is ready. */
  readonly ready: string;
  /** Milliseconds. @default 60000 */
  readonly timeout?: number;
}

/**
 * The server's guardian: its standard input is a pipe from this process, and when that pipe closes, because `stop` was
 * called or because this process died in whatever way, it ends the server.
 */
const guardian = `
exec 3<&0
setsid "$@" </dev/null 3<&- &
server=$!
end() { kill -TERM -- "-$server"; for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do kill -0 "$server" || break; sleep 0.2; done; kill -KILL -- "-$server"; } 2>/dev/null
{ cat <&3 >/dev/null; end; } &
exec 3<&-
wait "$server"
`;

/** Starts a server and waits until it answers. Rejects with the end of its log when it does not; then nothing is left running. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const deadline = Date.now() + (options.timeout ?? 60_000);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = start(options, port);
    if (await answers(`${server.url}${options.ready}`, deadline, server.ended)) return server;
    await server.stop();
    // The port was free a moment ago; another process may have taken it since.
    if (attempt === 3 || Date.now() >= deadline || !(await lastLines(options.name)).includes('in use')) {
      throw new Error(`${options.name} did not start:\n${await lastLines(options.name)}`);
    }
  }
}

function start(options: ServeOptions, port: number): RunningServer & { ended(): boolean } {
  const log = createWriteStream(logFile(options.name), { flags: 'a' });
  const child = spawn('bash', ['-c', guardian, 'guardian', ...options.command(port)], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
  });
  let running = true;
  child.once('exit', () => {
    running = false;
  });
  const closed = new Promise<void>((done) => {
    child.once('error', () => done());
    child.once('close', () => done());
  }).then(() => {
    running = false;
    log.end();
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.stdin.on('error', () => {
    // The guardian has ended already.
  });
  return {
    url: `http://127.0.0.1:${port}`,
    ended: () => !running,
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}

async function answers(url: string, deadline: number, ended: () => boolean): Promise<boolean> {
  while (Date.now() < deadline && !ended()) {
    const status = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => undefined,
    );
    if (status !== undefined && status < 500) return !ended();
    await new Promise((wake) => setTimeout(wake, 100));
  }
  return false;
}

function logFile(name: string): string {
  return join(stateFolder, `${name}.server.log`);
}

async function lastLines(name: string): Promise<string> {
  return (await readFile(logFile(name), 'utf8').catch(() => '')).slice(-3000);
}

/** A TCP port of the loopback address that nothing listens on now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening, failed) => probe.once('error', failed).listen(0, '127.0.0.1', listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A folder for the data of one run of one server, and its removal. */
export async function dataFolder(name: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
