// A key in a header, a query parameter or a cookie.
import { markConfined, OptionError, type Request } from '../../core/index.js';
import type { AuthScheme } from './auth.js';

export interface ApiKeyOptions {
  /** The name of the header, parameter or cookie. @default 'Authorization' */
  readonly name?: string;
  readonly apiKey: string;
  /** Where the key is sent; `param` is another word for `query`. @default 'header' */
  readonly location?: 'header' | 'query' | 'param' | 'cookie';
}

/**
 * Sends a key under a name. A link that carries the parameter already keeps it once, with this key.
 * @example client({ baseUrl: 'https://api.example.com', auth: apiKey({ name: 'api_key', apiKey: 'secret', location: 'query' }) })
 * @throws OptionError `ERR_INVALID_OPTION` for an empty key or name or an unknown location.
 */
export function apiKey({ name = 'Authorization', apiKey: key, location = 'header' }: ApiKeyOptions): AuthScheme {
  if (key === '') throw new OptionError('apiKey', 'is empty; give the key that the API issued');
  if (name === '') throw new OptionError('name', 'is empty; give the name under which the API expects the key');
  const add = adders[location];
  if (add === undefined) throw new OptionError('location', `is ${location}; it is one of header, query, param, cookie`);
  return markConfined({ type: 'api_key', secrets: [key], apply: (request) => add(request, name, key) });
}

const adders: Readonly<Record<string, (request: Request, name: string, key: string) => Request>> = {
  header: (request, name, key) => ({ ...request, headers: { ...request.headers, [name.toLowerCase()]: key } }),
  query: inQuery,
  param: inQuery,
  cookie: (request, name, key) => {
    const cookie = `${name}=${encodeURIComponent(key)}`;
    const others = request.headers['cookie'];
    return { ...request, headers: { ...request.headers, cookie: others ? `${others}; ${cookie}` : cookie } };
  },
};

function inQuery(request: Request, name: string, key: string): Request {
  return { ...request, params: { ...request.params, [name]: key } };
}
