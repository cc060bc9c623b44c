// Lists of an API, and a folder, both new for each test: what of the API was asked, and what the flow of a run was told of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import type { Progress, Receipt, Rows } from '../../lib/core/index.js';
import { client } from '../../lib/http/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { type RunOptions, run } from '../../lib/table/index.js';
import { retry, select } from '../../operators/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';

export interface ListedApi {
  readonly url: string;
  /** A file in the folder. */
  file(name: string): string;
  /** Begins with three lists `/a`, `/b` and `/c` of six records, on pages of two. */
  start(answers?: Readonly<Record<string, Answer | readonly Answer[]>>): Promise<void>;
  /** The pages that were asked for, such as `/a?2`: the path, and the offset. */
  asked(): string[];
  /** Those that the flow was told of. */
  requests(events: readonly Progress[]): string[];
  walk(path: string): ReturnType<typeof pages>;
  rows(path: string): Observable<Rows>;
}

/** The last page of a list, which is there at the second time that it is asked for. */
export function cut(path: string, status = 501): Record<string, readonly Answer[]> {
  return { [`GET ${path}?limit=2&offset=4`]: [{ status }, { body: { data: [{ id: 5 }, { id: 6 }], total: 6 } }] };
}

/** Runs a chain, and gives what its flow was told of. */
export async function told(chain: Observable<Receipt>, options: RunOptions = {}): Promise<Progress[]> {
  const events: Progress[] = [];
  await run(chain, { ...options, onProgress: (event) => events.push(event) });
  return events;
}

/** To be called in a `describe`. */
export function listedApi(): ListedApi {
  let folder = '';
  let api: ScriptedApi | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-flow-'));
  });
  afterEach(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const short = (url: string): string => {
    const { pathname, searchParams } = new URL(url, api?.url);
    return `${pathname}?${searchParams.get('offset') ?? 0}`;
  };
  const walk = (path: string) => pages(client({ baseUrl: api!.url }), path, offset({ limit: 2 }));
  return {
    get url() {
      return api!.url;
    },
    file: (name) => join(folder, name),
    async start(answers = {}) {
      await api?.stop();
      const listing = { records: 6, by: 'offset', total: 'total' } as const;
      api = await ScriptedApi.start(() => ({
        answers,
        listings: { 'GET /a': listing, 'GET /b': listing, 'GET /c': listing },
      }));
    },
    asked: () => api!.asked.flatMap(({ line }) => (line.startsWith('GET ') ? [short(line.slice(4))] : [])),
    requests: (events) => events.flatMap((event) => (event.type === 'request' ? [short(event.url)] : [])),
    walk,
    rows: (path) => walk(path).pipe(retry({ initialDelay: 1 }), select('data')),
  };
}
