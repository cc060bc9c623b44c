// Servers that fail and repeat a secret, and the search for it in everything that comes out.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Asked, Fault } from './faulty-server.js';
import { headerText } from './secret-places.js';

/** The part of the secret that is looked for. It is in the middle, so that every spelling of the secret holds it. */
export const mark = 'xMARKEDx7Q9zK2';
const base64Marks = [0, 1, 2].map((shift) =>
  Buffer.from('\0'.repeat(shift) + mark)
    .toString('base64')
    .replace(/=+$/, '')
    .slice(4, -2),
);

/** All that is looked for. */
export const marks: readonly string[] = [mark, ...base64Marks];

/** How the server fails, after a first page that repeats the key in its link. */
type Failing = (secret: string) => Fault;
const echo = (secret: string) =>
  `you sent ${secret}, ${encodeURIComponent(secret)}, ${JSON.stringify({ secret })}, ${Buffer.from(`me:${secret}`).toString('base64')}`;
export const failures: Readonly<Record<string, Failing>> = {
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

export interface PlanOptions {
  readonly atToken: boolean;
  /** Whether the tokens are the secret. */
  readonly given?: boolean;
  /** The parameters of the link that repeat the secret. */
  readonly echoed: readonly string[];
}

/** Tokens are given out, unless it is them that fail; the first page links to the second with the secret in the link. */
export function planOf(secret: string, fault: Fault, { atToken, echoed, given }: PlanOptions): (asked: Asked) => Fault {
  const query = echoed.map((name) => `&${name}=${encodeURIComponent(secret)}`).join('');
  const token = {
    access_token: given ? secret : `${secret}-access`,
    token: given ? headerText(secret) : `${headerText(secret)}-session`,
    token_type: 'bearer',
    refresh_token: given ? secret : `${secret}-next`,
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
    if (!path.startsWith('/rows') || before > 0) return fault;
    const text = JSON.stringify({ data: [{ id: 1 }], next: `/rows?page=2${query}` });
    return { kind: 'body', text, type: 'application/json' };
  };
}

/** Everything that came out, with the files of a folder, as one text. */
export async function collect(parts: unknown[], folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  const texts = parts.flatMap((part) => [inspect(part, { depth: 12 }), JSON.stringify(part), stackOf(part)]);
  return [...texts, ...names.map(({ name }) => name), ...(await Promise.all(files))].join('\n');
}

/** Where a text stands in another, for the message of a failed check; empty when it does not. */
export function contextOf(everything: string, text: string): string {
  const at = everything.indexOf(text);
  return at === -1 ? '' : everything.slice(Math.max(0, at - 100), at + 100);
}

/** The stacks and messages of an error and of what caused it. */
function stackOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack}\n${stackOf(error.cause)}` : String(error);
}
