// Where secrets come from, in dlt's order: what the program gives, the environment, `secrets.toml`, `config.toml`.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';

export interface SecretOptions {
  /** Given by the program; looked at first. Names may be dotted or nested. */
  readonly secrets?: Readonly<Record<string, unknown>>;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The configuration's folder. Its `secrets.toml` and `.dlt/secrets.toml` come before those of the working directory. */
  readonly folder?: string;
}

/** What a look-up came to: the value, or everything that was tried. */
export type Lookup =
  | { readonly found: true; readonly value: string | number | boolean }
  | { readonly found: false; readonly tried: string };

type Table = Readonly<Record<string, unknown>>;

/** Whatever can look secrets up. */
export interface SecretSource {
  /** The first of `names` (dotted, such as `sources.rest_api.api_key`) that is known. */
  find(names: readonly string[]): Lookup;
}

/** Looks secrets up. Files are read once, at the first look-up that comes to them. */
export class SecretStore implements SecretSource {
  readonly #options: SecretOptions;
  #files: readonly SecretFile[] | undefined;

  constructor(options: SecretOptions = {}) {
    this.#options = options;
  }

  /** The first of `names` (dotted, such as `sources.rest_api.api_key`) that the first source knows. */
  find(names: readonly string[]): Lookup {
    const { secrets, env = process.env } = this.#options;
    for (const name of names) {
      const value = scalar(secrets?.[name] ?? dig(secrets, name));
      if (value !== undefined) return { found: true, value };
    }
    for (const name of names) {
      const value = env[variable(name)];
      if (value !== undefined && value !== '') return { found: true, value };
    }
    this.#files ??= files(this.#options.folder);
    for (const file of this.#files) {
      for (const name of names) {
        const value = scalar(dig(file.content, name));
        if (value !== undefined) return { found: true, value };
      }
    }
    return { found: false, tried: tried(names, this.#files) };
  }
}

interface SecretFile {
  readonly path: string;
  readonly content?: Table;
  /** Why there is no content. */
  readonly state?: string;
}

function files(folder: string | undefined): SecretFile[] {
  const roots = [...(folder === undefined ? [] : [folder, join(folder, '.dlt')]), '.dlt', '.'];
  const paths = ['secrets.toml', 'config.toml'].flatMap((file) => roots.map((root) => resolve(root, file)));
  return [...new Set(paths)].map(read);
}

function read(path: string): SecretFile {
  try {
    return { path, content: parse(readFileSync(path, 'utf8'), { integersAsBigInt: 'asNeeded' }) };
  } catch (error) {
    // The parser's own message quotes the file, and with it a secret: only the place is taken from it.
    if (error instanceof TomlError)
      return { path, state: `not valid TOML at line ${error.line}, column ${error.column}` };
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { path, state: missing ? 'no such file' : 'cannot be read' };
  }
}

function tried(names: readonly string[], looked: readonly SecretFile[]): string {
  const where = looked.map(({ path, state }) => `${path} (${state ?? 'not in it'})`);
  return `looked for ${names.map(variable).join(', ')} in the environment, and for ${names.join(', ')} in ${where.join(', ')}`;
}

/** dlt's name of an environment variable: `sources.rest_api.api_key` -> `SOURCES__REST_API__API_KEY`. */
function variable(name: string): string {
  return name.replaceAll('.', '__').replaceAll('-', '_').toUpperCase();
}

function dig(table: unknown, name: string): unknown {
  let value = table;
  for (const key of name.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Table)[key];
  }
  return value;
}

function scalar(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? String(value) : undefined;
}
