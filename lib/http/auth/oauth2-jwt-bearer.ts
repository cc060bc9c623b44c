// OAuth 2 with a signed statement (RFC 7523): a private key instead of a password. The signing is jose's.
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { confinedWith, OptionError } from '../../core/index.js';
import type { AuthScheme } from './auth.js';
import { TokenEndpoint, type TokenEndpointOptions } from './token-endpoint.js';
import { TokenKeeper } from './token-keeper.js';
import { tokenScheme } from './token-scheme.js';

export interface JwtBearerOptions extends TokenEndpointOptions {
  /** The private key in PEM. */
  readonly privateKey: string;
  /** For an encrypted key. */
  readonly passphrase?: string;
  /** @default 'RS256' */
  readonly algorithm?: 'RS256' | 'ES256';
  /** The key's id, `kid` in the header of the statement. */
  readonly keyId?: string;
  /** `iss`. @default clientId */
  readonly issuer?: string;
  /** `sub`. @default the issuer */
  readonly subject?: string;
  /** `aud`. @default tokenUrl */
  readonly audience?: string;
  /** Further claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How long the statement is good for, in seconds. @default 3600 */
  readonly lifetime?: number;
}

/**
 * Signs a statement about who it is and exchanges it for an access token (`urn:ietf:params:oauth:grant-type:jwt-bearer`).
 * @example
 * oauth2JwtBearer({ tokenUrl: 'https://login.example.com/token', clientId: 'me', privateKey: readFileSync('key.pem', 'utf8') })
 * @throws OptionError `ERR_INVALID_OPTION` for a key that cannot be read or does not fit the algorithm.
 */
export function oauth2JwtBearer(options: JwtBearerOptions): AuthScheme {
  const { clientId, tokenUrl, algorithm = 'RS256', keyId, lifetime = 3600, claims, prefix, scope } = options;
  const { issuer = clientId, audience = tokenUrl } = options;
  const key = readKey(options, algorithm);
  const endpoint = new TokenEndpoint(options);
  const keeper = new TokenKeeper(async (context) => {
    const now = Math.floor(context.clock.now() / 1000);
    // Loaded with the first token: most clients sign nothing.
    const { SignJWT } = await import('jose');
    const assertion = await new SignJWT({
      ...(scope !== undefined && { scope: typeof scope === 'string' ? scope : scope.join(' ') }),
      ...claims,
    })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
      .setIssuer(issuer)
      .setSubject(options.subject ?? issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetime)
      .setJti(randomUUID())
      .sign(key);
    context.hide(assertion);
    return endpoint.grant(
      (oauth, server, client, auth, fields, more) =>
        oauth.genericTokenEndpointRequest(
          server,
          client,
          auth,
          'urn:ietf:params:oauth:grant-type:jwt-bearer',
          { ...fields, assertion },
          more,
        ),
      context,
    );
  });
  const secrets = [...endpoint.secrets, options.privateKey, ...(options.passphrase ? [options.passphrase] : [])];
  const scheme = tokenScheme({ type: 'oauth2_jwt_bearer', keeper, secrets, ...(prefix !== undefined && { prefix }) });
  return confinedWith(scheme, [options]);
}

function readKey({ privateKey, passphrase }: JwtBearerOptions, algorithm: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: privateKey, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    // Not as the cause: its message may hold parts of the key.
    throw new OptionError('privateKey', 'is not a private key in PEM, or its passphrase is wrong');
  }
  const wanted = { RS256: 'rsa', ES256: 'ec' }[algorithm];
  if (wanted === undefined) throw new OptionError('algorithm', `is ${algorithm}; it is one of RS256, ES256`);
  if (key.asymmetricKeyType !== wanted)
    throw new OptionError('privateKey', `is no ${wanted} key, which ${algorithm} needs`);
  return key;
}
