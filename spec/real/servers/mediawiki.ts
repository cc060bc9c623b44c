// MediaWiki (Debian): continuation objects whose keys all go into the next request, a session of cookies, SQLite behind it.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptInstall, type InstallTarget, installOnce, recipeFolder, run } from './install.js';
import { dataFolder, type RunningServer, serve } from './serve.js';

export interface MediaWiki extends RunningServer {
  /** The path of the API. */
  readonly api: string;
  /** The SQLite file behind the server. */
  readonly database: string;
  /** Logs in anew and gives the session's cookies, as the header `Cookie` has them. */
  login(): Promise<string>;
  /** Writes a page with the server's own API. */
  edit(title: string, text: string): Promise<void>;
}

const api = '/api.php';
const words = ['Ωmega', 'naïve', '日本語', '🌊 wave', 'ascii', "quote ' and ; ,"];

/** The title and the wikitext of page `n`: 1 to 5 categories. */
function page(n: number): { readonly title: string; readonly text: string } {
  const kinds = ['All', `Kind ${n % 7}`, `Größe ${n % 3}`, `日 ${n % 5}`, 'Even'].slice(0, (n % 5) + 1);
  const categories = kinds.map((kind) => `[[Category:${kind}]]`).join(' ');
  return {
    title: `Page ${String(n).padStart(4, '0')} ${words[n % 6]}`,
    text: `Text ${n} & <b>${words[(n + 1) % 6]}</b> ${categories}`,
  };
}

/** Installs PHP with apt and unpacks Debian's MediaWiki, once; serves a private wiki of 621 pages. Needs root and apt. */
export async function startMediaWiki(): Promise<MediaWiki> {
  const folder = await installOnce('mediawiki', install);
  const root = join(folder, 'usr', 'share', 'mediawiki');
  const data = await dataFolder('mediawiki');
  const password = randomUUID();
  const env = { WIKI_DATA: data.path, WIKI_PORT: '0', MW_CONFIG_FILE: join(recipeFolder('mediawiki'), 'settings.php') };
  let running: RunningServer | undefined;
  const stop = async () => {
    await running?.stop();
    await data.remove();
  };
  try {
    const maintenance = (script: string, args: readonly string[], settings: Readonly<Record<string, string>> = env) =>
      run('php', [join(root, 'maintenance', script), ...args], { cwd: root, env: settings });
    await maintenance(
      'install.php',
      [
        ...['--dbtype', 'sqlite', '--dbpath', data.path, '--dbname', 'wiki', '--confpath', data.path],
        ...['--server', 'http://127.0.0.1', '--scriptpath', '', '--skins', '', '--extensions', ''],
        ...['--pass', password, 'Harbour', 'Admin'],
      ],
      {},
    );
    await writeFile(join(data.path, 'pages.xml'), dump());
    await maintenance('importDump.php', ['--no-updates', '--username-prefix', 'import', join(data.path, 'pages.xml')]);
    await maintenance('refreshLinks.php', []);
    running = await serve({
      name: 'mediawiki',
      // The port is known only now, and the wiki's own address depends on it.
      command: (port) => ['env', `WIKI_PORT=${port}`, 'php', '-S', `127.0.0.1:${port}`, '-t', root],
      env,
      ready: `${api}?action=query&format=json&meta=tokens&type=login`,
    });
    const session = new Session(`${running.url}${api}`, password);
    return {
      url: running.url,
      api,
      database: join(data.path, 'wiki.sqlite'),
      login: () => session.login(),
      edit: (title, text) => session.edit(title, text),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Debian's package would bring a running web server with it, so it is unpacked and not installed; only PHP is.
 * Its links lead to folders of a whole system; those that MediaWiki needs are made anew.
 */
async function install({ folder, log }: InstallTarget): Promise<void> {
  await aptInstall(['php-cli', 'php-sqlite3', 'php-mbstring', 'php-xml', 'php-intl'], log);
  await run('apt-get', ['-q', 'download', 'mediawiki', 'mediawiki-classes'], { cwd: folder, log });
  for (const archive of (await readdir(folder)).filter((name) => name.endsWith('.deb'))) {
    const unpack =
      'dpkg-deb --fsys-tarfile "$1" | tar -x --exclude "*/extensions-core/*" --exclude "./usr/share/doc/*"';
    await run('bash', ['-o', 'pipefail', '-c', unpack, 'unpack', archive], { cwd: folder, log });
    await rm(join(folder, archive));
  }
  const root = join(folder, 'usr', 'share', 'mediawiki');
  for (const link of ['LocalSettings.php', 'config', 'extensions', 'images'])
    await rm(join(root, link), { force: true });
  for (const name of ['extensions', 'images']) await mkdir(join(root, name));
}

function dump(): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const pages = Array.from({ length: 620 }, (_, index) => {
    const { title, text } = page(index + 1);
    const day = String((index % 28) + 1).padStart(2, '0');
    return `<page><title>${escaped(title)}</title><ns>0</ns><revision><timestamp>2024-01-${day}T10:00:00Z</timestamp>
<contributor><username>Admin</username></contributor><model>wikitext</model><format>text/x-wiki</format>
<text xml:space="preserve">${escaped(text)}</text></revision></page>`;
  });
  return `<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">${pages.join('\n')}</mediawiki>`;
}

/** A member's session: cookies in, cookies out. */
class Session {
  #cookies = new Map<string, string>();
  readonly #api: string;
  readonly #password: string;

  constructor(address: string, password: string) {
    this.#api = address;
    this.#password = password;
  }

  async login(): Promise<string> {
    this.#cookies = new Map();
    const token = await this.#token('login');
    const { login } = (await this.#post({
      action: 'login',
      lgname: 'Admin',
      lgpassword: this.#password,
      lgtoken: token,
    })) as {
      login: { result: string };
    };
    if (login.result !== 'Success') throw new Error(`the login failed: ${JSON.stringify(login)}`);
    return this.#header();
  }

  async edit(title: string, text: string): Promise<void> {
    await this.login();
    const { edit } = (await this.#post({ action: 'edit', title, text, token: await this.#token('csrf') })) as {
      edit?: { result: string };
    };
    if (edit?.result !== 'Success') throw new Error(`${title} was not written: ${JSON.stringify(edit)}`);
  }

  async #token(type: 'login' | 'csrf'): Promise<string> {
    const body = (await this.#post({ action: 'query', meta: 'tokens', type })) as {
      query: { tokens: Record<string, string> };
    };
    return body.query.tokens[`${type}token`]!;
  }

  async #post(fields: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(this.#api, {
      method: 'POST',
      headers: { cookie: this.#header() },
      body: new URLSearchParams({ ...fields, format: 'json', formatversion: '2' }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      this.#cookies.set(name!, value!);
    }
    const text = await response.text();
    if (!response.ok) throw new Error(`${fields['action']}: ${response.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  #header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
