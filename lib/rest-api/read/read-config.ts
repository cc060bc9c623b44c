// Reads a configuration's file, by its ending.
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { ConfigError, type Path, type Place } from '../check/problem.js';
import { readJson, SyntaxFault } from './json.js';

/** A configuration as its file has it, unchecked. */
export interface ReadConfig {
  readonly config: unknown;
  /** The folder of the file, absolute. */
  readonly folder: string;
  /** Where in the file something stands. */
  place(path: Path): Place | undefined;
}

const readers = { '.json': readJson } as const;

/**
 * Reads a configuration's file. It is not checked yet: `restApi` does that.
 *
 * @throws ConfigError `ERR_CONFIG` when it cannot be read or is not valid JSON
 */
export async function readConfig(file: string): Promise<ReadConfig> {
  const ending = extname(file).toLowerCase();
  const reader = readers[ending as keyof typeof readers];
  if (reader === undefined) {
    throw unreadable(`${file} is not read: the file's name must end in ${Object.keys(readers).join(', ')}`);
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${error.code})`);
  });
  try {
    const { value, places } = reader(text);
    const place = (path: Path): Place | undefined => {
      const found = places.find(path);
      return found && { file, ...found };
    };
    return { config: value, folder: dirname(resolve(file)), place };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    throw unreadable(`is not valid ${ending.slice(1).toUpperCase()}: ${error.message}`, {
      file,
      line: error.line,
      column: error.column,
    });
  }
}

function unreadable(message: string, place?: Place): ConfigError {
  return new ConfigError([{ code: 'unreadable', path: '', message, ...(place && { place }) }]);
}
