// A folder with the configuration `projects.json`, an API that it is for, and the command run in it.
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Script, ScriptedApi } from '../golden/scripted-api.js';
import { type Ended, sluice } from './command.js';

/** The API's key: to be found in nothing that the command writes. */
export const secret = 's3cret-key-1';

export class SeedFolder {
  readonly path: string;
  #api: ScriptedApi | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<SeedFolder> {
    return new SeedFolder(await mkdtemp(join(tmpdir(), 'sluice-cli-')));
  }

  get api(): ScriptedApi {
    return this.#api!;
  }

  /** Writes the configuration, against an API that is scripted so. */
  async seed(script: Script, more: object = {}): Promise<void> {
    this.#api = await ScriptedApi.start(() => script);
    const auth = { type: 'api_key', name: 'api_key', api_key: '{secrets.api_key}', location: 'query' };
    const paginator = { type: 'offset', limit: 100 };
    const config = {
      client: { base_url: this.#api.url, auth },
      resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
      resources: [{ name: 'project_data', endpoint: { path: '/v1/projects', data_selector: 'data', paginator } }],
      ...more,
    };
    await writeFile(join(this.path, 'projects.json'), JSON.stringify(config, null, 2));
  }

  /** `sluice run projects.json --out out`, with the key in the environment. */
  run(started?: (child: ChildProcess) => void): Promise<Ended> {
    return sluice(['run', 'projects.json', '--out', 'out'], {
      cwd: this.path,
      env: { API_KEY: secret },
      ...(started && { started }),
    });
  }

  async remove(): Promise<void> {
    await this.#api?.stop();
    await rm(this.path, { recursive: true, force: true });
  }
}
