// Loads a configuration that is a JavaScript or TypeScript module.
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../check/problem.js';

/**
 * The configuration that a module exports as default, or that a function does which it exports as default.
 *
 * @throws ConfigError when it exports none; whatever the module throws itself passes through as its cause
 */
export async function loadModule(file: string): Promise<unknown> {
  const url = pathToFileURL(resolve(file)).href;
  let loaded: { readonly default?: unknown };
  try {
    loaded = await (isTypeScript(file) ? importTypeScript(url) : import(url));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw refused(`${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const given = exported(loaded);
  const config = typeof given === 'function' ? await (given as () => unknown)() : given;
  if (config === undefined)
    throw refused(`${file} has no default export; write: export default { client: …, resources: […] }`);
  return config;
}

/** What is exported as default. A module that was read as CommonJS has its exports below another default; a configuration has no such key. */
function exported(loaded: { readonly default?: unknown }): unknown {
  const given = loaded.default;
  return typeof given === 'object' && given !== null && 'default' in given ? given.default : given;
}

function isTypeScript(file: string): boolean {
  return ['.ts', '.mts', '.cts'].includes(extname(file).toLowerCase());
}

/** Node reads TypeScript itself from 22.18 on; before that it takes tsx, when that is installed beside the configuration or here. */
async function importTypeScript(url: string): Promise<{ readonly default?: unknown }> {
  let failure: unknown;
  try {
    return await import(url);
  } catch (error) {
    // Where a loader takes the file for JavaScript, its types are errors of syntax.
    const isUnread = (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION';
    if (!isUnread && !(error instanceof SyntaxError)) throw error;
    failure = error;
  }
  const api = [url, import.meta.url].flatMap((from) => {
    try {
      return [tsxFrom(createRequire(from))];
    } catch {
      return [];
    }
  })[0];
  if (api === undefined) {
    if (failure instanceof SyntaxError) throw failure;
    throw refused(
      'this version of Node does not read TypeScript: use Node 22.18 or later, or install tsx (npm i -D tsx)',
    );
  }
  const { tsImport } = (await import(pathToFileURL(api).href)) as {
    tsImport(url: string, from: string): Promise<{ readonly default?: unknown }>;
  };
  return tsImport(url, import.meta.url);
}

/** The file of tsx for ES modules: `require.resolve` gives that for CommonJS, which an ES module cannot load. */
function tsxFrom(require: NodeJS.Require): string {
  const file = require.resolve('tsx/package.json');
  const { exports } = require(file) as { readonly exports: Readonly<Record<string, { import: { default: string } }>> };
  return join(dirname(file), exports['./esm/api']!.import.default);
}

function refused(message: string): ConfigError {
  return new ConfigError([{ code: 'unreadable', path: '', message }]);
}
