// A token in the header `Authorization: Bearer …`.
import { markConfined, OptionError } from '../../core/index.js';
import type { AuthScheme } from './auth.js';

/**
 * Sends `Authorization: Bearer <token>`.
 * @example client({ baseUrl: 'https://api.example.com', auth: bearer('secret') })
 * @throws OptionError `ERR_INVALID_OPTION` when the token is empty.
 */
export function bearer(token: string): AuthScheme {
  if (token === '') throw new OptionError('token', 'is empty; give the token that the API issued');
  return markConfined({
    type: 'bearer',
    secrets: [token],
    apply: (request) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }),
  });
}
