// OAuth 2 with a refresh token that a person obtained once. Servers that rotate it are served: the new one is kept.
import { createHash } from 'node:crypto';
import { confinedWith, OptionError } from '../../core/index.js';
import type { AuthContext, AuthScheme } from './auth.js';
import { TokenEndpoint, type TokenEndpointOptions } from './token-endpoint.js';
import { TokenKeeper } from './token-keeper.js';
import { tokenScheme } from './token-scheme.js';

/** What is kept from run to run. It holds a secret: store it where only the user can read it. */
export interface StoredToken {
  /** The refresh token that works now. */
  readonly refreshToken: string;
  /** Tells which configured refresh token it descends from, without revealing it. */
  readonly origin: string;
}

/** Where a rotated refresh token is kept. */
export interface TokenStore {
  /** Called before each exchange. */
  load(): StoredToken | undefined | Promise<StoredToken | undefined>;
  /** Must be durable when it returns: the token before this one is of no use any more. */
  save(token: StoredToken): void | Promise<void>;
  /** Does work that loads, exchanges and saves while nobody else does so with this token. @default at once */
  exclusive?<T>(work: () => Promise<T>): Promise<T>;
}

export interface RefreshTokenOptions extends TokenEndpointOptions {
  readonly refreshToken: string;
  /** An access token to begin with, used until the server refuses it. */
  readonly accessToken?: string;
  /** Where rotated tokens go, such as `tokenFile(path)`. @default none: they are lost with the process */
  readonly store?: TokenStore;
}

/**
 * Exchanges a refresh token for access tokens. A new refresh token in the answer replaces the old one, and is saved before the
 * access token is used. A stored token is preferred to the configured one it descends from; a newly configured one starts afresh.
 * @example
 * oauth2RefreshToken({ tokenUrl: 'https://login.example.com/token', clientId: 'me', clientSecret: 'secret', refreshToken: 'first' })
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function oauth2RefreshToken(options: RefreshTokenOptions): AuthScheme {
  const { refreshToken: configured, accessToken, store, prefix } = options;
  if (configured === '') throw new OptionError('refreshToken', 'is empty; give the refresh token that the API issued');
  const endpoint = new TokenEndpoint(options);
  const origin = createHash('sha256').update(configured).digest('base64url');
  let current = configured;
  const exchange = async (context: AuthContext) => {
    // Each time: another run may have rotated it meanwhile.
    const stored = await store?.load();
    if (stored?.origin === origin) current = stored.refreshToken;
    context.hide(current);
    const asked = current;
    const granted = await endpoint.grant(
      (oauth, server, client, auth, fields, more) =>
        oauth.refreshTokenGrantRequest(server, client, auth, asked, { ...more, additionalParameters: fields }),
      context,
    );
    if (granted.refreshToken !== undefined && granted.refreshToken !== asked) {
      current = granted.refreshToken;
      await store?.save({ refreshToken: current, origin });
    }
    return granted;
  };
  const keeper = new TokenKeeper(
    (context) => (store?.exclusive ? store.exclusive(() => exchange(context)) : exchange(context)),
    accessToken === undefined ? undefined : { accessToken },
  );
  const secrets = [...endpoint.secrets, configured, ...(accessToken === undefined ? [] : [accessToken])];
  const scheme = tokenScheme({
    type: 'oauth2_refresh_token',
    keeper,
    secrets,
    ...(prefix !== undefined && { prefix }),
  });
  return confinedWith(scheme, [options]);
}
