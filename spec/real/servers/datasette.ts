// Datasette (PyPI): keyset pages whose next link is in the body, bearer token or token in the query, SQLite behind it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, pythonEnvironment, recipeFolder, run } from './install.js';
import { dataFolder, type RunningServer, serve } from './serve.js';

export interface Datasette extends RunningServer {
  /** The only token that the server accepts. */
  readonly token: string;
  /** The query parameter in which the server takes the token, beside the Authorization header. */
  readonly tokenParam: string;
  /** The SQLite file behind the server. */
  readonly database: string;
  /** Calls a writable canned query, which is how this server changes its rows. */
  execute(query: 'set_note' | 'add_reading', params: Readonly<Record<string, string>>): Promise<void>;
}

const token = 'datasette-token-7f3c2a';
const tokenParam = '_auth_token';
const allow = { id: 'reader' };

const metadata = {
  plugins: { 'datasette-auth-tokens': { tokens: [{ token, actor: allow }], param: tokenParam } },
  allow,
  databases: {
    data: {
      queries: {
        set_note: { sql: 'update readings set note = :note where id = :id', write: true, allow },
        add_reading: { sql: 'insert into readings (id, name) values (:id, :name)', write: true, allow },
      },
    },
  },
};

/** Installs Datasette once, fills a database with 1,200 readings, 480 pairs and 400 lines, and serves it. */
export async function startDatasette(): Promise<Datasette> {
  const folder = await installOnce('datasette', async (target) => {
    await pythonEnvironment(target.folder, target.recipe, target.log);
  });
  const bin = join(folder, 'venv', 'bin');
  const data = await dataFolder('datasette');
  try {
    const database = join(data.path, 'data.db');
    await run(join(bin, 'python'), [join(recipeFolder('datasette'), 'seed.py'), database]);
    await writeFile(join(data.path, 'metadata.json'), JSON.stringify(metadata));
    const server = await serve({
      name: 'datasette',
      command: (port) => [
        join(bin, 'datasette'),
        ...['serve', database, '--host', '127.0.0.1', '--port', `${port}`],
        ...['--metadata', join(data.path, 'metadata.json'), '--setting', 'sql_time_limit_ms', '20000'],
      ],
      ready: '/-/versions.json',
    });
    return {
      url: server.url,
      token,
      tokenParam,
      database,
      async execute(query, params) {
        const response = await fetch(`${server.url}/data/${query}?_json=1`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(params),
        });
        const body = await response.text();
        if (!response.ok || !body.includes('"ok": true'))
          throw new Error(`${query}: ${response.status} ${body.slice(0, 500)}`);
      },
      async stop() {
        await server.stop();
        await data.remove();
      },
    };
  } catch (error) {
    await data.remove();
    throw error;
  }
}
