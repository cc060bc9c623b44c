// User name and password in the header `Authorization: Basic …`.
import { markConfined, OptionError } from '../../core/index.js';
import type { AuthScheme } from './auth.js';

export interface BasicOptions {
  readonly username: string;
  /** @default '' */
  readonly password?: string;
}

/**
 * Sends `Authorization: Basic <base64 of username:password>`, in UTF-8.
 * @example client({ baseUrl: 'https://api.example.com', auth: basic({ username: 'me', password: 'secret' }) })
 * @throws OptionError `ERR_INVALID_OPTION` when the user name holds a colon, which the scheme cannot carry.
 */
export function basic({ username, password = '' }: BasicOptions): AuthScheme {
  if (username.includes(':'))
    throw new OptionError('username', 'holds a colon, which basic authentication cannot carry');
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return markConfined({
    type: 'http_basic',
    secrets: [password, credentials],
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: `Basic ${credentials}` } }),
  });
}
