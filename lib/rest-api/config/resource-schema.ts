// What a resource and its endpoint may be in a configuration.
import * as z from 'zod';
import type { RetryPolicy } from '../../../operators/index.js';
import type { Row } from '../../core/index.js';
import type { ResponseAction, Rewrite } from '../../pages/index.js';
import { authSchema } from './auth-schema.js';
import { byRow } from './by-row.js';
import { columnsSchema, contractSchema } from './columns-schema.js';
import { dispositionKeys, dispositionSchema, keySchema } from './disposition-schema.js';
import { incrementalParamSchema, incrementalSchema } from './incremental-schema.js';
import { keys, name, notThere, notYet, originOf } from './keys.js';
import { levelsSchema, nestedHintsSchema, nestingKeys } from './nesting-schema.js';
import { paginatorSchema } from './paginator-schema.js';
import { checkpointSchema, sinkSchema } from './sink-schema.js';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A value of `params`: a scalar, or a list for a parameter that is sent several times. */
const paramValue = z.union([
  scalar,
  z.array(scalar),
  keys({
    type: z.literal('resolve'),
    resource: name.describe('The resource for each of whose rows this one is asked for.'),
    field: name.describe('A JSONPath into that row.'),
  }),
  incrementalParamSchema,
]);

/** What only a program can give: a function. */
function program<T>() {
  return z.custom<T>((value) => typeof value === 'function', { params: { code: notThere } }).optional();
}

const retry = keys({
  max_retries: z.int().min(0).optional().describe('Attempts after the first one, for each request. Default: 3.'),
  factor: z.number().min(1).optional().describe('Each wait is this many times the one before. Default: 2.'),
  initial_delay: z.number().min(0).optional().describe('Seconds before the second attempt. Default: 1.'),
  max_delay: z.number().min(0).optional().describe('No wait of its own is longer, in seconds. Default: 60.'),
  jitter: z
    .enum(['none', 'full', 'equal'])
    .optional()
    .describe('What of a wait is left to chance: all of it, or half. Default: none.'),
  statuses: z
    .array(z.int().min(100).max(599))
    .optional()
    .describe('What is tried again. Default: 408, 425, 429, and 5xx but 501 and 505.'),
  max_elapsed: z
    .number()
    .min(0)
    .optional()
    .describe('No retry starts later than this after the first failure of a request, in seconds. Default: no limit.'),
  max_server_wait: z
    .number()
    .min(0)
    .optional()
    .describe('A server that asks for a longer wait is not waited for, in seconds. Default: 3600.'),
  retry_non_idempotent: z
    .boolean()
    .optional()
    .describe('Whether a POST is tried again that may have been carried out. Default: true.'),
  when: program<NonNullable<RetryPolicy['when']>>(),
  delay: program<NonNullable<RetryPolicy['delay']>>(),
});

const action = z.enum(['ignore', 'skip', 'retry', 'refresh', 'restart', 'fail']);
const rewrite = z.custom<Rewrite>((value) => typeof value === 'function', { params: { code: notThere } });

const responseAction = z.union([
  keys({
    status_code: z.int().min(100).max(599).optional(),
    content: name.optional().describe('A text that the body contains.'),
    when: program<NonNullable<ResponseAction['when']>>(),
    message: name.optional().describe('For fail, retry and refresh: what the error says.'),
    action: z
      .union([action, rewrite, z.array(rewrite)])
      .describe(
        'ignore: the walk ends without this page; skip: it goes on with the next; retry: the request is repeated; refresh: with new credentials; restart: from its first page, where the place of an earlier run is refused; fail.',
      ),
  }),
  rewrite,
]);

const seconds = z.number().positive();

const origin = z.string().refine((value) => originOf(value) !== undefined, {
  message: 'is not the address of a server such as https://files.example.com',
});

const timeout = z
  .union([
    seconds,
    keys({
      whole: seconds.optional().describe('From the start of an attempt to the end of the body. Default: 60.'),
      connect: seconds.optional().describe('Until a connection stands; on the client only.'),
      first_byte: seconds.optional().describe('From the request to the headers of the answer.'),
      body: seconds.optional().describe('From the headers of the answer to the end of the body.'),
      idle: seconds.optional().describe('Between two pieces of the body.'),
    }),
  ])
  .describe('Seconds that one attempt may take, or each part of it. Default: 60.');

const rateLimit = keys({
  requests: z.number().positive().optional().describe('How many requests an interval has room for.'),
  interval: seconds.optional().describe('Seconds. Default: 1.'),
  burst: z.int().min(1).optional().describe('How many may go at once after a rest. Default: 1.'),
  concurrency: z.int().min(1).optional().describe('How many may be in flight.'),
  per: z.enum(['all', 'origin']).optional().describe('One budget, or one for each origin. Default: all.'),
  follow_server: z
    .boolean()
    .optional()
    .describe('Whether Retry-After and RateLimit-* hold back all who share the budget. Default: true.'),
  max_server_wait: z
    .number()
    .min(0)
    .optional()
    .describe('Longer waits that the server asks for do not hold back the others; in seconds. Default: 3600.'),
});

const hook = z
  .custom<Rewrite | readonly Rewrite[]>((value) => [value].flat().every((each) => typeof each === 'function'), {
    params: { code: notThere },
  })
  .optional();

/** What can be said on the client for all resources and on an endpoint for one; not in dlt. */
export const transferKeys = {
  allowed_origins: z
    .array(origin)
    .optional()
    .describe(
      "Servers beside that of base_url that credentials, headers and secrets may go to. An endpoint's are added to the client's.",
    ),
  timeout: timeout.optional(),
  rate_limit: rateLimit
    .optional()
    .describe("A budget of requests: the client's is one for all resources; an endpoint's own is kept beside it."),
  response_format: z
    .enum(['auto', 'json', 'jsonl', 'csv', 'text'])
    .optional()
    .describe('What bodies are made of. Default: what the content type says.'),
  checkpoint: checkpointSchema.optional(),
  retry: retry.optional().describe('How often a failed request is repeated.'),
  concurrency: z
    .int()
    .min(1)
    .optional()
    .describe('Requests at once: for rows of the parent (default: 4), or for pages that are known ahead (default: 1).'),
  max_pages: z.int().min(1).optional().describe('More pages of one walk are an error. Default: no limit.'),
  max_bytes: z.int().min(1).optional().describe('More bytes of bodies of one walk are an error. Default: no limit.'),
  max_body_bytes: z.int().min(1).optional().describe('A larger body is an error. Default: 268435456.'),
  max_redirects: z.int().min(0).optional().describe('Redirects followed for one request. Default: 10.'),
  allow_repeated_pages: z
    .boolean()
    .optional()
    .describe('Whether a page may have the same records as one before it. Default: false, it is an error.'),
  hooks: keys({ response: hook }).optional().describe('In a program: functions that see each response.'),
};

export const endpointSchema = keys({
  path: z
    .string()
    .optional()
    .describe("Below the client's base_url, or a whole address. Default: the resource's name."),
  method: z.enum(['GET', 'POST', 'get', 'post']).optional().describe('Default: GET.'),
  params: z.record(z.string(), paramValue).optional().describe('Query parameters.'),
  json: z.record(z.string(), z.unknown()).nullish().describe('The body, sent as JSON.'),
  data: z
    .union([z.string(), z.record(z.string(), paramValue), z.array(z.tuple([z.string(), scalar]))])
    .nullish()
    .describe('The body: an object or a list of pairs is sent as a form, a text as it is.'),
  headers: z.record(z.string(), z.string()).nullish(),
  paginator: paginatorSchema.nullish(),
  data_selector: name
    .nullish()
    .describe('A JSONPath to the records in a response. Found by itself when it is not given.'),
  response_actions: z.array(responseAction).nullish().describe('What to do with certain responses.'),
  incremental: incrementalSchema.nullish().describe('Reads only what is new since the last run.'),
  auth: authSchema.nullish(),
  ...transferKeys,
});

/** An expression in CEL in which `item` is the row, or, in a program, a function of it. */
function work<T>(does: string) {
  return z
    .union([name, z.custom<(row: Row) => T>((value) => typeof value === 'function', { params: { code: notThere } })])
    .describe(does);
}

const fileFormat = z.literal('parquet');

/** The hints that may be functions of the row, as they are when they are none. */
export const rowHintSchemas = {
  write_disposition: dispositionSchema,
  primary_key: keySchema,
  merge_key: keySchema,
  columns: columnsSchema,
  schema_contract: contractSchema,
  nested_hints: nestedHintsSchema,
  max_table_nesting: levelsSchema,
  file_format: fileFormat,
};

/** Keys that say something of the table. */
const hints = {
  table_name: name
    .or(
      keys({
        by: work<string>('Gives the table of each row.'),
        tables: z
          .array(name)
          .min(1)
          .optional()
          .describe('All tables that it can give. Default: they are found as rows come.'),
      }),
    )
    .or(z.custom<(row: Row) => string>((value) => typeof value === 'function', { params: { code: notThere } }))
    .optional()
    .describe("Default: the resource's name. By row: which of several tables a row goes to."),
  ...dispositionKeys,
  columns: byRow(columnsSchema).nullish().describe('What is known of the columns beforehand.'),
  schema_contract: byRow(contractSchema).nullish().describe('What happens to what is not. Default: evolve.'),
  ...nestingKeys,
  table_format: notYet('tables are Parquet files'),
  file_format: byRow(fileFormat).optional(),
  references: notYet('remove it: no table depends on it'),
  parent_table_name: notYet('child tables come from "nesting": "tables"'),
  sink: sinkSchema.nullish().describe('How the table is written.'),
};

const processingStep = z.union([
  keys({ filter: work<unknown>('Keeps the rows for which it is true.') }),
  keys({ map: work<object>('Makes another row of each.') }),
  keys({ yield_map: work<Iterable<object>>('Makes a list of rows of each.') }),
]);

const onError = z
  .enum(['fail', 'skip'])
  .or(
    keys({
      action: z.literal('skip'),
      max_failures: z.int().min(1).optional().describe('More fail the run. Default: 100.'),
    }),
  )
  .describe('What happens when it cannot be read for a row of its parent: fail, or skip, which writes that row down.');

export const resourceSchema = keys({
  name,
  on_error: onError.nullish(),
  endpoint: z.string().or(endpointSchema).nullish(),
  selected: z.boolean().optional().describe('Whether it becomes a table. Default: true.'),
  parallelized: z.boolean().optional().describe('Has no effect: resources always run concurrently.'),
  include_from_parent: z
    .array(name)
    .nullish()
    .describe('Fields of the parent that each row gets, as _<parent>_<field>.'),
  processing_steps: z.array(processingStep).nullish().describe('What is done with each row, in order.'),
  ...hints,
});

export const resourceDefaultsSchema = resourceSchema.partial({ name: true });

export type ProcessingStep = z.input<typeof processingStep>;
export type EndpointConfig = z.input<typeof endpointSchema>;
export type ResourceConfig = z.input<typeof resourceSchema>;
export type ResourceDefaults = z.input<typeof resourceDefaultsSchema>;
