// OAuth 2 client credentials: the program itself is the user.
import { confinedWith } from '../../core/index.js';
import type { AuthScheme } from './auth.js';
import { TokenEndpoint, type TokenEndpointOptions } from './token-endpoint.js';
import { TokenKeeper } from './token-keeper.js';
import { tokenScheme } from './token-scheme.js';

export interface ClientCredentialsOptions extends TokenEndpointOptions {
  /** A token to begin with, used until the server refuses it. */
  readonly accessToken?: string;
}

/**
 * Fetches a token with the client's id and secret, once for all requests, and sends it as `Authorization: Bearer …`. It is
 * renewed a little before it expires, and once when the server answers 401.
 * @example
 * oauth2ClientCredentials({ tokenUrl: 'https://login.example.com/token', clientId: 'me', clientSecret: 'secret', scope: 'read' })
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function oauth2ClientCredentials(options: ClientCredentialsOptions): AuthScheme {
  const { accessToken, prefix } = options;
  const endpoint = new TokenEndpoint(options);
  const keeper = new TokenKeeper(
    (context) =>
      endpoint.grant(
        (oauth, server, client, auth, fields, more) =>
          oauth.clientCredentialsGrantRequest(server, client, auth, fields, more),
        context,
      ),
    accessToken === undefined ? undefined : { accessToken },
  );
  const secrets = accessToken === undefined ? endpoint.secrets : [...endpoint.secrets, accessToken];
  const scheme = tokenScheme({
    type: 'oauth2_client_credentials',
    keeper,
    secrets,
    ...(prefix !== undefined && { prefix }),
  });
  return confinedWith(scheme, [options]);
}
