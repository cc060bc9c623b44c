// Puts the secrets into a configuration: for `{secrets.NAME}` in any string, and for what an auth leaves out.
import { isConfined } from '../../core/index.js';
import type { Finding } from '../check/from-zod.js';
import { type Path, pathText } from '../check/problem.js';
import type { AuthType } from '../config/auth-schema.js';
import { credentialNames, placeholderNames } from './names.js';
import type { SecretSource } from './store.js';

const placeholder = /(?<!\{)\{secrets\.([A-Za-z_][\w.-]*)\}(?!\})/g;
/** Keys of an endpoint whose strings are templates: braces of a secret must not be read as placeholders there. */
const templates = new Set(['path', 'params', 'headers', 'json', 'data']);

/** Where an auth may stand. */
const authPath = /^(client|resource_defaults\.endpoint|resources\[\d+\]\.endpoint)\.auth$/;

const needed: Readonly<Partial<Record<AuthType, readonly string[]>>> = {
  bearer: ['token'],
  api_key: ['api_key'],
  http_basic: ['username', 'password'],
  oauth2_client_credentials: ['access_token_url', 'client_id', 'client_secret'],
  oauth2_refresh_token: ['access_token_url', 'client_id', 'refresh_token'],
  oauth2_jwt_bearer: ['access_token_url', 'client_id', 'private_key'],
};

/** What is looked up with them, and has a default or is not needed. */
const optional: Readonly<Partial<Record<AuthType, readonly string[]>>> = {
  api_key: ['name', 'location'],
  oauth2_client_credentials: ['access_token', 'default_token_expiration'],
  oauth2_refresh_token: ['client_secret', 'access_token', 'default_token_expiration'],
  oauth2_jwt_bearer: ['private_key_passphrase', 'default_token_expiration'],
};

const secretFields = [
  'token',
  'api_key',
  'password',
  'client_secret',
  'access_token',
  'refresh_token',
  'private_key',
  'private_key_passphrase',
];

/** Fields of an auth that are no texts. */
const numbersOfAuth = new Set(['default_token_expiration', 'lifetime']);

/** A configuration with its secrets in it: never print `config`. */
export interface Filled<T> {
  readonly config: T;
  /** Every secret that went in, so that it can be removed from messages. */
  readonly values: readonly string[];
  /** Secrets that were found nowhere. */
  readonly missing: readonly Finding[];
}

/** A copy of `config`, which may be of any shape, with its secrets. `name` is the source's name among dlt's sections. */
export function fillSecrets<T>(config: T, store: SecretSource, name?: string): Filled<T> {
  const values = new Set<string>();
  const missing: Finding[] = [];

  function look(names: readonly string[], path: Path, label: string): string | number | boolean {
    const result = store.find(names);
    if (!result.found) {
      missing.push({ code: 'missing-secret', path, message: `${label} was found nowhere: ${result.tried}` });
      return '';
    }
    values.add(String(result.value));
    return result.value;
  }

  function text(value: string, path: Path): unknown {
    const whole = [...value.matchAll(placeholder)];
    if (whole.length === 0) return value;
    const literal = inTemplate(path);
    if (whole.length === 1 && whole[0]![0] === value) {
      const found = look(placeholderNames(whole[0]![1]!, name), path, `secret "${whole[0]![1]}"`);
      const secret = isText(path) ? String(found) : found;
      return literal && typeof secret === 'string' ? escaped(secret) : secret;
    }
    return value.replace(placeholder, (_, secret: string) => {
      const found = String(look(placeholderNames(secret, name), path, `secret "${secret}"`));
      return literal ? escaped(found) : found;
    });
  }

  function auth(value: unknown, path: Path): unknown {
    const given = typeof value === 'string' ? { type: value } : value;
    if (typeof given !== 'object' || given === null || !isPlain(given) || 'apply' in given) return given;
    const fields: Record<string, unknown> = { type: 'bearer', ...object(given, path) };
    const type = fields['type'] as AuthType;
    const lacking = (needed[type] ?? []).filter((field) => (fields[field] ?? undefined) === undefined);
    for (const field of lacking) {
      fields[field] = String(look(credentialNames(field, name), [...path, field], `"${field}" is not given and`));
    }
    // As in dlt: who leaves the credentials to the look-up may leave the rest to it, too.
    const further = lacking.length === 0 ? [] : (optional[type] ?? []).filter((field) => fields[field] === undefined);
    for (const field of further) {
      const result = store.find(credentialNames(field, name));
      if (result.found)
        fields[field] = field === 'default_token_expiration' ? Number(result.value) : String(result.value);
    }
    for (const field of secretFields) {
      if (typeof fields[field] === 'string' && fields[field] !== '') values.add(fields[field]);
    }
    return fields;
  }

  function object(value: object, path: Path): object {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]));
  }

  function fill(value: unknown, path: Path): unknown {
    if (value === null || value === undefined) return value;
    if (authPath.test(pathText(path))) return auth(value, path);
    if (typeof value === 'string') return text(value, path);
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]));
    // What this package has made, such as a paginator, is no text of a configuration.
    return typeof value === 'object' && isPlain(value) && !isConfined(value) ? object(value, path) : value;
  }

  return { config: fill(config, []) as T, values: [...values], missing };
}

function inTemplate(path: Path): boolean {
  const endpoint = path.indexOf('endpoint');
  if (endpoint === -1) return false;
  return path.length === endpoint + 1 || templates.has(String(path[endpoint + 1]));
}

/** Where nothing but a text can stand: a secret that is a number in a file is its digits there. */
function isText(path: Path): boolean {
  const [owner, key] = [path.slice(0, -1), String(path.at(-1))];
  if (authPath.test(pathText(owner))) return !numbersOfAuth.has(key);
  return owner.at(-1) === 'headers' || key === 'base_url' || (key === 'path' && owner.at(-1) === 'endpoint');
}

function escaped(value: string): string {
  return value.replaceAll('{', '{{').replaceAll('}', '}}');
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
