// The cases of this folder: what is in a file, and how Sluice reads what its configuration describes.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom, toArray } from 'rxjs';
import type { SluiceError } from '../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from './scripted-api.js';

const folder = dirname(fileURLToPath(import.meta.url));

/** In all texts of a case, `{server}` stands for the address of its API. */
export interface GoldenCase extends Script {
  /** What the case proves. */
  readonly title: string;
  readonly config: unknown;
  /** Functions of the configuration, as JavaScript: by the key of the first resource that they are. */
  readonly functions?: Readonly<Record<string, string>>;
  /** Rows go by the tables that they name, as `<resource>: <table>`. */
  readonly tables?: true;
  /** What stands in the place of texts of the configuration when dlt reads it: Python, by path (`resources[0].x`). */
  readonly python?: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
  /** Every request, in order; parameters in order of their names. */
  readonly requests?: readonly string[];
  /** Whether requests and rows may come in another order: those of children that are asked for at once. */
  readonly anyOrder?: boolean;
  /** Only these resources are read. @default all */
  readonly read?: readonly string[];
  /** The bodies of those requests that have one. */
  readonly bodies?: readonly unknown[];
  /** Headers that each request must carry; null for one that it must not. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** The rows of each resource, in order; a number says only how many. */
  readonly rows?: Readonly<Record<string, number | readonly unknown[]>>;
  /** The error: its code, and what its message must contain. */
  readonly error?: { readonly code: string; readonly contains?: readonly string[] };
  /** The problems of the configuration, as `code path`. */
  readonly problems?: readonly string[];
  /** Texts that may appear nowhere in an error. */
  readonly secrets?: readonly string[];
}

/** The texts of all cases, by name. */
export const goldenCases: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [basename(name, '.json'), readFileSync(join(folder, name), 'utf8')]),
);

/** The API of a case, on a port of its own, and the case with that address in it. */
export async function startCase(text: string): Promise<{ api: ScriptedApi; golden: GoldenCase }> {
  let golden = JSON.parse(text) as GoldenCase;
  const api = await ScriptedApi.start((url) => {
    golden = JSON.parse(text.replaceAll('{server}', url)) as GoldenCase;
    return golden;
  });
  return { api, golden };
}

/** Reads the resources one after the other, so that the requests have an order. */
export async function read(golden: GoldenCase): Promise<{ rows: Record<string, unknown[]>; error?: SluiceError }> {
  const rows: Record<string, unknown[]> = {};
  try {
    const source = restApi(await withFunctions(golden), { env: golden.env ?? {} });
    for (const [name, resource] of Object.entries(source.resources)) {
      if (golden.read?.includes(name) === false) continue;
      const pages = await lastValueFrom(resource.pipe(toArray()));
      if (!golden.tables) rows[name] = pages.flatMap((page) => page.rows);
      else for (const page of pages) divide(rows, name, source.tablesOf(name, page));
    }
    return { rows };
  } catch (error) {
    return { rows, error: error as SluiceError };
  }
}

async function withFunctions({ config, functions = {} }: GoldenCase): Promise<RestApiConfig> {
  const { resources, ...rest } = config as RestApiConfig;
  const entries = Object.entries(functions).map(async ([key, source]) => {
    const made = await import(`data:text/javascript,export default ${encodeURIComponent(source)}`);
    return [key, made.default] as const;
  });
  const [first, ...others] = resources;
  if (entries.length === 0) return config as RestApiConfig;
  const made = { ...(first as object), ...Object.fromEntries(await Promise.all(entries)) };
  return { ...rest, resources: [made as RestApiConfig['resources'][number], ...others] };
}

function divide(
  rows: Record<string, unknown[]>,
  resource: string,
  tables: ReadonlyMap<string, readonly unknown[]>,
): void {
  for (const [table, some] of tables)
    rows[`${resource}: ${table}`] = [...(rows[`${resource}: ${table}`] ?? []), ...some];
}

/** As JSON would have it: exact numbers as their text. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)));
}
