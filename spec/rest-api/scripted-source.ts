// A configuration against a scripted API, and a folder for its tables: both new for each test, and gone after it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestApiConfig } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from '../golden/scripted-api.js';

export interface ScriptedSource {
  readonly out: string;
  /** The API of this test; of several the last, which is the only one that still answers. */
  readonly api: ScriptedApi | undefined;
  config(script: Script, resources: RestApiConfig['resources'], client?: object): Promise<RestApiConfig>;
}

/** To be called in a `describe`. */
export function scriptedSource(): ScriptedSource {
  let out = '';
  let api: ScriptedApi | undefined;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-source-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });
  return {
    get out() {
      return out;
    },
    get api() {
      return api;
    },
    async config(script, resources, client = {}) {
      await api?.stop();
      api = await ScriptedApi.start(() => script);
      return { client: { base_url: api.url, paginator: 'single_page', ...client }, resources };
    },
  };
}
