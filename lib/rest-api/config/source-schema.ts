// What a whole configuration may be: the argument of dlt's `rest_api_source`.
import * as z from 'zod';
import { memoryText } from '../memory-size.js';
import { authSchema } from './auth-schema.js';
import { keys, name, notYet } from './keys.js';
import { paginatorSchema } from './paginator-schema.js';
import { resourceDefaultsSchema, resourceSchema, transferKeys } from './resource-schema.js';

export const clientSchema = keys({
  base_url: z.string().describe('Paths are below it. "" when every path is a whole address.'),
  headers: z.record(z.string(), z.string()).nullish().describe('Sent with every request.'),
  auth: authSchema.nullish(),
  paginator: paginatorSchema.nullish(),
  session: notYet('it is an object of a Python program'),
  proxy: z
    .union([name, z.literal(false)])
    .optional()
    .describe(
      'The proxy for all requests, http://user:password@host:port; false for none. Default: that of the environment.',
    ),
  tls: keys({
    ca: name.optional().describe('Certificate authorities that are trusted beside the public ones.'),
    cert: name.optional().describe("The client's certificate."),
    key: name.optional().describe('The key of the certificate.'),
    pfx: name.optional().describe('Certificate and key in one, as PKCS #12 in base64.'),
    passphrase: name.optional().describe('For an encrypted key or pfx.'),
  })
    .optional()
    .describe('Certificates of both sides, in PEM.'),
  max_connections: z.int().min(1).optional().describe('Connections open at a time. Default: 50.'),
  max_memory: z
    .union([
      z.int().min(64 * 1024 * 1024),
      z.string().regex(memoryText, 'is not an amount of memory, such as 512MB or 1GiB'),
    ])
    .optional()
    .describe(
      'Memory for what a run keeps, in bytes or as "512MB": a quarter for pages on their way, the rest for the engine that publishes, which spills to disk. At least 64 MiB. Default: 192 MiB.',
    ),
  keep_alive: z.boolean().optional().describe('Whether a connection is kept for the next request. Default: true.'),
  high_water_mark: keys({
    pages: z.int().min(1).optional().describe('Default: 16.'),
    bytes: z.int().min(1).optional().describe('Default: 67108864.'),
  })
    .optional()
    .describe('How many pages may be on their way, over all tables of a run.'),
  ...transferKeys,
});

export const sourceSchema = keys({
  $schema: z.string().optional().describe('For editors.'),
  client: clientSchema,
  resource_defaults: resourceDefaultsSchema.nullish(),
  resources: z.array(name.or(resourceSchema)).min(1),
});

export type ClientConfig = z.input<typeof clientSchema>;

/**
 * A source as dlt's `rest_api` describes it: the same keys, with the same meaning. `"{secrets.name}"` in any string
 * stands for a secret (see `docs/configuration.md`).
 */
export type RestApiConfig = z.input<typeof sourceSchema>;
