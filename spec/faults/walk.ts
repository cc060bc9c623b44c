// The chain that every fault meets: pages, retry, select; and the rows that come out of it.
import { lastValueFrom, toArray } from 'rxjs';
import { type ClientOptions, client, offset, pages } from '../../lib/index.js';
import { type RetryPolicy, retry, select } from '../../operators/index.js';
import { row } from './faulty-server.js';

export interface Walk {
  readonly url: string;
  readonly path?: string;
  readonly limit?: number;
  readonly client?: ClientOptions;
  readonly retry?: RetryPolicy;
  readonly concurrency?: number;
}

/** The ids of all rows, in the order in which they came. */
export async function read({ url, path = '/rows', limit = 5, concurrency = 1, ...options }: Walk): Promise<number[]> {
  const api = client({ baseUrl: url, ...options.client });
  try {
    const walk = pages(api, path, offset({ limit }), { concurrency }).pipe(
      retry({ initialDelay: 0, ...options.retry }),
      select<{ id: number }>('data'),
      toArray(),
    );
    const all = await lastValueFrom(walk);
    return all.flatMap(({ rows }) => rows.map(({ id }) => id));
  } finally {
    api.close();
  }
}

/** What `read` must give. */
export function ids(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The bytes of a page, for cutting it everywhere. */
export function bytesOfPage(offset: number, limit: number, total: number): number {
  const data = Array.from({ length: limit }, (_, index) => row(offset + index));
  return Buffer.byteLength(JSON.stringify({ data, total }));
}
