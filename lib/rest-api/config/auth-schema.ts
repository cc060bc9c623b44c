// What `auth` may be in a configuration: dlt's types and options, and some of our own.
import * as z from 'zod';
import { type Auth, registeredAuth, type TokenEndpointOptions } from '../../http/index.js';
import { keys, name, notThere, unknownType } from './keys.js';

const bearer = keys({
  type: z.literal('bearer').optional(),
  token: name.optional().describe('The token. Looked up among the secrets when it is not given.'),
});

const apiKey = keys({
  type: z.literal('api_key'),
  name: name.optional().describe('Name of the header, parameter or cookie. Default: Authorization.'),
  api_key: name.optional().describe('The key. Looked up among the secrets when it is not given.'),
  location: z.enum(['header', 'query', 'param', 'cookie']).optional().describe('Where the key goes. Default: header.'),
});

const httpBasic = keys({
  type: z.literal('http_basic'),
  username: z.string().optional(),
  password: z.string().optional(),
});

const fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What all ways to get a token from a server have in common. */
const tokenServer = {
  access_token_url: name.optional().describe('Where tokens are given out.'),
  client_id: name.optional(),
  access_token_request_data: fields.optional().describe('Further fields of the form that asks for a token.'),
  default_token_expiration: z
    .int()
    .min(1)
    .optional()
    .describe('Seconds that a token is good for when the server does not say. Default: 3600.'),
  access_token_request_headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Further headers of the request for a token.'),
  scope: name.or(z.array(name)).optional().describe('What the token is for.'),
  prefix: z.string().optional().describe('What stands before the token. Default: Bearer.'),
  parse_token: z
    .custom<NonNullable<TokenEndpointOptions['parseToken']>>((value) => typeof value === 'function', {
      params: { code: notThere },
    })
    .optional(),
  client_auth: z
    .enum(['client_secret_post', 'client_secret_basic', 'none'])
    .optional()
    .describe('How the client shows its secret. Default: client_secret_post.'),
};

const clientCredentials = keys({
  type: z.literal('oauth2_client_credentials'),
  client_secret: name.optional(),
  access_token: name.optional().describe('A token to begin with.'),
  ...tokenServer,
});

const refreshToken = keys({
  type: z.literal('oauth2_refresh_token'),
  client_secret: name.optional(),
  refresh_token: name.optional(),
  access_token: name.optional().describe('A token to begin with.'),
  token_file: name
    .optional()
    .describe(
      'Where a refresh token is kept that the server rotates. It holds a secret. Default: below <out>/.sluice/state/tokens.',
    ),
  ...tokenServer,
});

const jwtBearer = keys({
  type: z.literal('oauth2_jwt_bearer'),
  client_secret: name.optional(),
  private_key: name.optional().describe('In PEM.'),
  private_key_passphrase: name.optional(),
  algorithm: z.enum(['RS256', 'ES256']).optional().describe('Default: RS256.'),
  key_id: name.optional(),
  issuer: name.optional().describe('Default: client_id.'),
  subject: name.optional().describe('Default: the issuer.'),
  audience: name.optional().describe('Default: access_token_url.'),
  claims: z.record(z.string(), z.unknown()).optional().describe('Further claims of the statement.'),
  lifetime: z.number().positive().optional().describe('Seconds that the statement is good for. Default: 3600.'),
  ...tokenServer,
});

const loginValue = z.union([z.string(), z.number(), z.boolean()]);

const sessionToken = keys({
  type: z.literal('session_token'),
  login: keys({
    path: name.describe("Below the client's base_url, or a whole address."),
    method: z.enum(['GET', 'POST', 'get', 'post']).optional().describe('Default: POST.'),
    params: z.record(z.string(), loginValue).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    json: z.record(z.string(), z.unknown()).optional(),
    data: z.record(z.string(), loginValue).optional().describe('Sent as a form.'),
  }).describe('The request whose answer has the token.'),
  token_path: name.optional().describe('A JSONPath to the token in the answer. Default: token.'),
  token_header: name.optional().describe('The header of the answer that has the token, in place of its body.'),
  expires_in_path: name.optional().describe('A JSONPath to the seconds that the token is good for.'),
  lifetime: z.number().positive().optional().describe('Seconds, when the answer does not say.'),
  header: name.optional().describe('The header that carries the token. Default: Authorization.'),
  prefix: z.string().optional().describe('What stands before the token. Default: Bearer.'),
});

const builtIn = z.union([bearer, apiKey, httpBasic, clientCredentials, refreshToken, jwtBearer, sessionToken]);

/** The names that may stand for a whole auth, whose fields are then looked up. */
const names = z.enum([
  'bearer',
  'api_key',
  'http_basic',
  'oauth2_client_credentials',
  'oauth2_refresh_token',
  'oauth2_jwt_bearer',
]);
export type AuthType = z.input<typeof names>;

/** What a program has registered under a name of its own. */
const isRegistered = (type: string) => registeredAuth(type) !== undefined;
const registeredName = z.string().refine(isRegistered, { abort: true, params: { code: unknownType } });
const registered = z.looseObject({ type: registeredName });

const instance = z.custom<Auth>(isAuth, { params: { code: notThere } });

/** An auth that has all it needs. */
export type AuthObject = z.input<typeof builtIn>;

/**
 * An auth: its name, its name with options, or, in a program, the auth itself. What `registerAuth` has added can be named in JSON.
 */
export type AuthConfig = AuthType | AuthObject | Auth;

export const authSchema = z.union([names, registeredName, builtIn, registered, instance]) as unknown as z.ZodType<
  AuthConfig,
  AuthConfig
>;

/** Whether a configuration has the auth itself, and not what to make it of. */
export function isAuth(value: unknown): value is Auth {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'apply' in value);
}
