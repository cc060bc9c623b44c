// Makes the client's authentication of what a configuration says of it.
import type { Params } from '../../core/index.js';
import {
  type AuthScheme,
  apiKey,
  basic,
  bearer,
  oauth2ClientCredentials,
  oauth2JwtBearer,
  oauth2RefreshToken,
  type RefreshTokenOptions,
  registeredAuth,
  type SessionTokenOptions,
  sessionToken,
  tokenFile,
} from '../../http/index.js';
import { type AuthConfig, type AuthObject, isAuth } from '../config/auth-schema.js';
import type { KeptTokens } from '../secrets/kept-tokens.js';
import { camelCase } from './camel-case.js';

/**
 * @param tokens where refresh tokens are kept that the server rotates, when the auth names no file of its own for it
 * @throws OptionError `ERR_INVALID_OPTION` for an option that the auth refuses
 */
export function compileAuth(config: AuthConfig, tokens: KeptTokens): AuthScheme {
  if (isAuth(config)) return typeof config === 'function' ? { type: 'function', apply: config } : config;
  const { type = 'bearer', ...options } = (typeof config === 'string' ? { type: config } : config) as AuthObject & {
    type?: string;
  };
  const factory = registeredAuth(type);
  if (factory !== undefined) {
    const made = factory(options);
    return typeof made === 'function' ? { type, apply: made } : made;
  }
  return makers[type]!(camelCase(options) as never, tokens);
}

const makers: Readonly<Record<string, (options: never, tokens: KeptTokens) => AuthScheme>> = {
  bearer: ({ token }: { readonly token: string }) => bearer(token),
  api_key: apiKey,
  http_basic: basic,
  oauth2_client_credentials: (options) => oauth2ClientCredentials(tokenServer(options)),
  oauth2_refresh_token: ({ tokenFile: path, ...options }: { readonly tokenFile?: string }, tokens) => {
    const made = tokenServer<RefreshTokenOptions>(options);
    return oauth2RefreshToken({ ...made, store: path === undefined ? tokens.storeFor(made) : tokenFile(path) });
  },
  oauth2_jwt_bearer: (options) => oauth2JwtBearer(tokenServer(options)),
  session_token: ({ login, ...options }: { readonly login: Login }) =>
    sessionToken({ ...options, login: loginRequest(login) }),
};

/** The keys of an endpoint, for the request that logs in. */
interface Login {
  readonly path: string;
  readonly method?: string;
  readonly params?: Params;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly data?: Params;
}

function loginRequest({ path, method, params, headers, json, data }: Login): SessionTokenOptions['login'] {
  return {
    url: path,
    ...(method !== undefined && { method: method.toUpperCase() }),
    ...(params && { params }),
    ...(headers && { headers }),
    ...(json !== undefined && { body: { kind: 'json', value: json } }),
    ...(data && { body: { kind: 'form', value: data } }),
  };
}

/** dlt's names of what the token's server is told, as the names of lib/http. */
function tokenServer<T>(options: Readonly<Record<string, unknown>>): T {
  const { accessTokenUrl, accessTokenRequestData, accessTokenRequestHeaders, ...others } = options;
  const { defaultTokenExpiration, privateKeyPassphrase, ...rest } = others;
  return {
    ...rest,
    tokenUrl: accessTokenUrl,
    ...(accessTokenRequestData !== undefined && { tokenRequestData: texts(accessTokenRequestData as object) }),
    ...(accessTokenRequestHeaders !== undefined && { tokenRequestHeaders: accessTokenRequestHeaders }),
    ...(defaultTokenExpiration !== undefined && { defaultExpiration: defaultTokenExpiration }),
    ...(privateKeyPassphrase !== undefined && { passphrase: privateKeyPassphrase }),
  } as T;
}

function texts(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
