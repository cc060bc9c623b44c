// Reads a configuration's file, by its ending.
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { ConfigError, type Path, type Place } from '../check/problem.js';
import { readJson } from './json.js';
import { loadModule } from './module.js';
import type { Places } from './places.js';
import { SyntaxFault } from './syntax-fault.js';
import { readToml } from './toml.js';

/** A configuration as its file has it, unchecked. */
export interface ReadConfig {
  readonly config: unknown;
  /** The folder of the file, absolute. */
  readonly folder: string;
  /** Where in the file something stands. */
  place(path: Path): Place | undefined;
}

type Read = { readonly value: unknown; readonly places: Places };

/** Loaded only when a configuration is YAML: it would slow the start of every command. */
const readYaml = async (text: string): Promise<Read> => (await import('./yaml.js')).readYaml(text);

/** By the file's ending. */
const readers: Readonly<Record<string, (text: string) => Read | Promise<Read>>> = {
  '.json': readJson,
  '.yaml': readYaml,
  '.yml': readYaml,
  '.toml': readToml,
};
const modules = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/**
 * Reads a configuration's file: JSON, YAML, TOML, or a JavaScript or TypeScript module. It is not checked yet: `restApi` does that.
 *
 * @throws ConfigError `ERR_CONFIG` when it cannot be read or has no such syntax
 */
export async function readConfig(file: string): Promise<ReadConfig> {
  const ending = extname(file).toLowerCase();
  const reader = readers[ending];
  if (reader === undefined && !modules.includes(ending)) {
    const endings = [...Object.keys(readers), ...modules].join(', ');
    throw unreadable(`${file} is not read: the file's name must end in one of ${endings}`);
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${error.code})`);
  });
  const folder = dirname(resolve(file));
  if (reader === undefined) return { config: await loadModule(file), folder, place: () => undefined };
  try {
    const { value, places } = await reader(text);
    const place = (path: Path): Place | undefined => {
      const found = places.find(path);
      return found && { file, ...found };
    };
    return { config: value, folder, place };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const { line, column, message } = error;
    throw unreadable(`is not valid ${ending.slice(1).toUpperCase()}: ${message}`, { file, line, column });
  }
}

function unreadable(message: string, place?: Place): ConfigError {
  return new ConfigError([{ code: 'unreadable', path: '', message, ...(place && { place }) }]);
}
