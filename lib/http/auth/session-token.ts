// A token from a login call, for APIs with a way of their own.
import { jsonPath, markConfined, OptionError, type Request } from '../../core/index.js';
import { parseJson } from '../parse-json.js';
import { AuthError, type AuthScheme } from './auth.js';
import { TokenKeeper } from './token-keeper.js';
import { tokenScheme } from './token-scheme.js';

export interface SessionTokenOptions {
  /** The login call. A path is below the client's base URL. @default its method: POST */
  readonly login: Partial<Request> & { readonly url: string };
  /** Where the answer has the token, as a JSONPath. @default 'token' */
  readonly tokenPath?: string;
  /** Takes the token from a header of the answer instead. */
  readonly tokenHeader?: string;
  /** Where the answer says how many seconds the token is good for, as a JSONPath. */
  readonly expiresInPath?: string;
  /** How long the token is good for when the answer does not say, in seconds. @default until the server refuses it */
  readonly lifetime?: number;
  /** The header that carries the token. @default 'Authorization' */
  readonly header?: string;
  /** What stands before the token; nothing when empty. @default 'Bearer' */
  readonly prefix?: string;
}

/**
 * Logs in by a call and sends the token that it answers with. Logs in again before the token expires, and once on a 401.
 * @example
 * sessionToken({ login: { url: '/login', body: { kind: 'json', value: { user: 'me', password: 'secret' } } }, tokenPath: 'data.token' })
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function sessionToken(options: SessionTokenOptions): AuthScheme {
  const { login, tokenPath = 'token', tokenHeader, expiresInPath, lifetime, header, prefix } = options;
  if (lifetime !== undefined && !(lifetime > 0))
    throw new OptionError('lifetime', `is ${lifetime}; it must be above 0`);
  const tokenAt = jsonPath(tokenPath);
  const expiresAt = expiresInPath === undefined ? undefined : jsonPath(expiresInPath);
  const request: Request = { method: 'POST', params: {}, headers: {}, ...login };
  const keeper = new TokenKeeper(async ({ send, signal, clock }) => {
    const asked = clock.now();
    const answer = await send(request, signal);
    if (answer.status >= 300) throw answer.error('The login was refused. Check the user and the password of the auth.');
    const body = parse(answer.text);
    const token = tokenHeader === undefined ? tokenAt.first(body) : answer.headers[tokenHeader.toLowerCase()];
    if (typeof token !== 'string' || token === '') {
      const place = tokenHeader === undefined ? `at ${tokenPath}` : `in the header ${tokenHeader}`;
      throw new AuthError(`the answer to the login has no token ${place}`);
    }
    const seconds = Number(expiresAt?.first(body) ?? lifetime);
    return { accessToken: token, expiresAt: seconds > 0 ? asked + seconds * 1000 : undefined };
  });
  const scheme = tokenScheme({
    type: 'session_token',
    keeper,
    secrets: secretsOf(request.body),
    ...(header !== undefined && { header }),
    ...(prefix !== undefined && { prefix }),
  });
  return markConfined(scheme);
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The texts under names that say that they are secret. */
function secretsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return /pass|pwd|secret|token|key|pin/i.test(name) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'string') return secretsOf(value[1], value[0]);
  return Object.entries(value).flatMap(([inner, each]) => secretsOf(each, Array.isArray(value) ? name : inner));
}
