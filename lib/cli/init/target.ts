// What a person gives `sluice init`: an address, and how to authenticate. Made into the parts of a configuration, with no secret in it.
import { OptionError } from '../../core/index.js';
import { isSensitiveParam } from '../../http/redact.js';
import type { AuthConfig, ClientConfig } from '../../rest-api/index.js';

export interface AuthFlags {
  readonly auth?: 'bearer' | 'api_key' | 'http_basic';
  readonly keyName?: string;
  readonly keyIn?: 'header' | 'query' | 'cookie';
  readonly header?: readonly string[];
}

/** An endpoint to look at. */
export interface Target {
  readonly client: ClientConfig;
  /** Below the client's base URL. Braces in it are doubled, as in a configuration. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  /** A name for the resource. */
  readonly name: string;
  /** Secrets that stood in the address, by the name under which the configuration looks them up. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Takes an address apart: `https://api.example.com/v1/projects?limit=5` is `projects` below `https://api.example.com/v1`.
 *
 * @throws OptionError `ERR_INVALID_OPTION` for what is no address
 */
export function targetOf(address: string, flags: AuthFlags): Target {
  const url = parse(address);
  const secrets: Record<string, string> = {};
  const params: Record<string, string | string[]> = {};
  let auth = authOf(flags);
  for (const [name, value] of url.searchParams) {
    if (isSensitiveParam(name) && auth === undefined) {
      secrets['api_key'] = value;
      auth = { type: 'api_key', name, api_key: '{secrets.api_key}', location: 'query' };
    } else if (!isSensitiveParam(name)) {
      const before = params[name];
      params[name] = before === undefined ? value : [before, value].flat();
    }
  }
  if (url.username !== '' && auth === undefined) {
    secrets['username'] = decodeURIComponent(url.username);
    secrets['password'] = decodeURIComponent(url.password);
    auth = { type: 'http_basic', username: '{secrets.username}', password: '{secrets.password}' };
  }
  const segments = url.pathname.split('/');
  // A slash at the end belongs to the last segment: some servers answer only with it.
  const last = segments.at(-1) === '' && segments.length > 2 ? segments.splice(-2).join('/') : segments.pop()!;
  const headers = headersOf(flags.header ?? []);
  return {
    client: {
      base_url: url.origin + segments.join('/'),
      ...(headers && { headers }),
      ...(auth && { auth }),
    },
    path: escaped(last),
    params,
    name: nameOf(last, segments, url.hostname),
    secrets,
  };
}

function parse(address: string): URL {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(whole) || !/^https?:/.test(whole))
    throw new OptionError(
      'url',
      `${JSON.stringify(address)} is no address, such as https://api.example.com/v1/projects`,
    );
  return new URL(whole);
}

function authOf({ auth, keyName, keyIn = 'header' }: AuthFlags): AuthConfig | undefined {
  if (auth === 'bearer') return { type: 'bearer', token: '{secrets.token}' };
  if (auth === 'http_basic')
    return { type: 'http_basic', username: '{secrets.username}', password: '{secrets.password}' };
  if (auth === 'api_key' || keyName !== undefined)
    return { type: 'api_key', name: keyName ?? 'Authorization', api_key: '{secrets.api_key}', location: keyIn };
  return undefined;
}

/** @throws OptionError `ERR_INVALID_OPTION` for a header that is none, and for one that holds a secret */
function headersOf(lines: readonly string[]): Record<string, string> | undefined {
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined)
        throw new OptionError(
          '--header',
          `${JSON.stringify(line.split(':')[0])} is no header, such as "Accept: application/json"`,
        );
      if (/^(authorization|cookie)$|key|token|secret/i.test(name))
        throw new OptionError(
          '--header',
          `${name} holds a secret, which a configuration must not: use --auth or --key-name`,
        );
      return [name, value];
    }),
  );
}

/** `api/v2/sales-orders.json` -> `sales_orders`; a path that is only a version or a script is named by what is before it. */
function nameOf(last: string, segments: readonly string[], host: string): string {
  const words = [...segments, ...last.split('/')]
    .map((segment) => decoded(segment).replace(/\.(json|php|aspx?|xml|csv)$/i, ''))
    .filter((segment) => segment !== '' && !/^(v?\d+(\.\d+)*|api|rest|odata|index|\.+)$/i.test(segment));
  // The numbers of an address are no name.
  const site = /^[\d.]+$/.test(host) ? undefined : host.split('.').at(-2);
  const name = (words.at(-1) ?? site ?? 'records').replace(/[^\p{L}\p{N}]+/gu, '_').toLowerCase();
  return name.replace(/^_+|_+$/g, '') || 'records';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Braces are placeholders in a configuration. */
export function escaped(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}');
}
