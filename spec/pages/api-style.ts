// What an API of some style of paging is described by, and the 25 records that all of them serve.
import type { Request } from '../../lib/core/index.js';
import type { RequestInit } from '../../lib/http/client-type.js';
import type { Paginator } from '../../lib/pages/index.js';

export const count = 25;
export const size = 10;
export const all = Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
export const part = (start: number, length = size) => all.slice(start, start + length);

export interface Api {
  readonly name: string;
  readonly paginator: Paginator;
  readonly init?: RequestInit;
  readonly answer: (request: Request, query: URLSearchParams) => unknown;
  /** How many requests the walk takes. */
  readonly requests: number;
  /** How many auto takes, which may ask more; absent where auto cannot tell. */
  readonly auto?: number;
}

export const query = (request: Request) => {
  const url = new URL(request.url);
  for (const [name, value] of Object.entries(request.params)) url.searchParams.set(name, String(value));
  return url.searchParams;
};
export const json = (request: Request) =>
  request.body?.kind === 'json' ? (request.body.value as Record<string, never>) : {};
export const number = (text: string | null, otherwise = 0) => (text === null ? otherwise : Number(text));
export const next = (at: number) => (at + size < count ? at + size : undefined);

export const post = (value: unknown): RequestInit => ({ url: '/a', method: 'POST', body: { kind: 'json', value } });
