// What a whole configuration may be: the argument of dlt's `rest_api_source`.
import { z } from 'zod';
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
  timeout: z.number().positive().optional().describe('Seconds that one request may take. Default: 60.'),
  rate_limit: keys({
    requests: z.number().positive().optional().describe('How many requests an interval has room for.'),
    interval: z.number().positive().optional().describe('Seconds. Default: 1.'),
    burst: z.int().min(1).optional().describe('How many may go at once after a rest. Default: 1.'),
    concurrency: z.int().min(1).optional().describe('How many may be in flight.'),
  })
    .optional()
    .describe('One budget of requests for all resources.'),
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
