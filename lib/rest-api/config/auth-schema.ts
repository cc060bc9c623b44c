// What `auth` may be in a configuration: dlt's types and options.
import { z } from 'zod';
import { keys, name } from './keys.js';

/** The names that may stand for a whole auth, whose credentials are then looked up. */
export const authTypes = ['bearer', 'api_key', 'http_basic', 'oauth2_client_credentials'] as const;

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

const clientCredentials = keys({
  type: z.literal('oauth2_client_credentials'),
  access_token_url: name.optional().describe('Where tokens are given out.'),
  client_id: name.optional(),
  client_secret: name.optional(),
  access_token: name.optional().describe('A token to begin with.'),
  access_token_request_data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  default_token_expiration: z
    .int()
    .min(1)
    .optional()
    .describe('Seconds that a token is good for when the server does not say. Default: 3600.'),
});

export const authSchema = z.union([z.enum(authTypes), bearer, apiKey, httpBasic, clientCredentials]);

export type AuthConfig = z.input<typeof authSchema>;
export type AuthType = (typeof authTypes)[number];
