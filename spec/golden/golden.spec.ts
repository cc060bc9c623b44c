// One loop over the cases of this folder: a configuration, what the API answers, and what must come of it.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import type { SluiceError } from '../../lib/core/index.js';
import { ConfigError } from '../../lib/rest-api/check/problem.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from './scripted-api.js';

const folder = dirname(fileURLToPath(import.meta.url));

/** In all texts of a case, `{server}` stands for the address of its API. */
interface GoldenCase extends Script {
  /** What the case proves. */
  readonly title: string;
  readonly config: unknown;
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

describe('golden configurations', () => {
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { title } = JSON.parse(text) as GoldenCase;
    it(`${basename(file, '.json')}: ${title}`, () => check(text));
  }
});

async function check(text: string): Promise<void> {
  let golden = JSON.parse(text) as GoldenCase;
  const api = await ScriptedApi.start((url) => {
    golden = JSON.parse(text.replaceAll('{server}', url)) as GoldenCase;
    return golden;
  });
  try {
    const outcome = await read(golden);
    if (outcome.error === undefined)
      expect(golden, 'the case expects an error').to.not.have.any.keys('error', 'problems');
    else checkError(outcome.error, golden);
    for (const [name, rows] of Object.entries(golden.rows ?? {})) {
      if (typeof rows === 'number') expect(outcome.rows[name], name).to.have.length(rows);
      else if (golden.anyOrder) expect(plain(outcome.rows[name]), name).to.have.deep.members([...rows]);
      else expect(plain(outcome.rows[name]), name).to.deep.equal(rows);
    }
    const lines = api.asked.map(({ line }) => line);
    if (golden.requests && golden.anyOrder) expect(lines).to.have.members([...golden.requests]);
    else if (golden.requests) expect(lines).to.deep.equal(golden.requests);
    if (golden.bodies)
      expect(api.asked.flatMap(({ body }) => (body === undefined ? [] : [body]))).to.deep.equal(golden.bodies);
    for (const [name, value] of Object.entries(golden.headers ?? {})) {
      for (const { headers } of api.asked) expect(headers[name.toLowerCase()] ?? null, name).to.equal(value);
    }
  } finally {
    await api.stop();
  }
}

/** Reads the resources one after the other, so that the requests have an order. */
async function read(golden: GoldenCase): Promise<{ rows: Record<string, unknown[]>; error?: SluiceError }> {
  const rows: Record<string, unknown[]> = {};
  try {
    const source = restApi(golden.config as RestApiConfig, { env: golden.env ?? {} });
    for (const [name, resource] of Object.entries(source.resources)) {
      if (golden.read?.includes(name) === false) continue;
      rows[name] = (await lastValueFrom(resource.pipe(toArray()))).flatMap((chunk) => chunk.rows);
    }
    return { rows };
  } catch (error) {
    return { rows, error: error as SluiceError };
  }
}

function checkError(error: SluiceError, { error: expected, problems, secrets = [] }: GoldenCase): void {
  if (!expected && !problems) throw error;
  expect(error.code, error.message).to.equal(expected?.code ?? 'ERR_CONFIG');
  for (const part of expected?.contains ?? []) expect(error.message).to.contain(part);
  for (const secret of secrets) expect(`${error.message}${error.stack}${JSON.stringify(error)}`).to.not.contain(secret);
  if (!problems) return;
  const found = error instanceof ConfigError ? error.problems : [];
  expect(found.map(({ code, path }) => `${code} ${path}`)).to.have.members(problems);
}

/** As JSON would have it: exact numbers as their text. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)));
}
