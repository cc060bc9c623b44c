// What `incremental` may be in a configuration: dlt's options.
import * as z from 'zod';
import type { Furthest } from '../incremental/cursor-plan.js';
import { conversions } from '../incremental/dates.js';
import { keys, name, notThere, notYet } from './keys.js';

const value = z.union([z.string(), z.number()]);
const range = z.enum(['closed', 'open']);

const options = {
  cursor_path: name.describe('A JSONPath into a row: the value that the next run goes on from.'),
  initial_value: value.nullish().describe('Where the first run starts.'),
  last_value_func: z
    .union([
      z.enum(['max', 'min', 'last']),
      z.custom<Furthest>((work) => typeof work === 'function', { params: { code: notThere } }),
    ])
    .optional()
    .describe('Which value is the furthest: max (the default), min, or last, the one that came last.'),
  cursor_from: z
    .enum(['rows', 'body', 'headers', 'request'])
    .optional()
    .describe(
      'What cursor_path leads into: each row, or the body, the headers or the request of each page. Default: rows.',
    ),
  per_parent: z
    .boolean()
    .optional()
    .describe('Whether each row of the parent has a cursor of its own. Default: false.'),
  shared_as: name.optional().describe('A name: resources with the same one go on from one value.'),
  window: z
    .union([z.number().positive(), name])
    .nullish()
    .describe('Asks for slices of the range, such as "day", "6 hours", "3 months" or a number, each by itself.'),
  primary_key: name
    .or(z.array(name))
    .nullish()
    .describe('What tells rows at the boundary apart; [] to keep all of them. Default: the whole row.'),
  row_order: z.enum(['asc', 'desc']).nullish().describe('How the API sorts: pages beyond the range are not asked for.'),
  lag: z
    .number()
    .nullish()
    .describe('Start this much earlier: seconds for a time, days for a date, the number for a number.'),
  on_cursor_value_missing: z.enum(['raise', 'include', 'exclude']).optional().describe('Default: raise.'),
  range_start: range.optional().describe('Whether the start belongs to the range. Default: closed.'),
  range_end: range.optional().describe('Whether the end belongs to the range. Default: open.'),
  convert: z
    .union([
      z.enum(Object.keys(conversions) as [keyof typeof conversions]),
      z.custom<(value: string | number) => string | number>((work) => typeof work === 'function', {
        params: { code: notThere },
      }),
    ])
    .optional()
    .describe('How the API wants to be asked with the value.'),
  allow_external_schedulers: notYet('a window is given by "initial_value" and "end_value"'),
};

export const incrementalSchema = keys({
  ...options,
  end_value: value.nullish().describe('Where the range ends. Such a run neither reads nor writes state.'),
  start_param: name.optional().describe('The query parameter that gets the start.'),
  end_param: name.optional().describe('The query parameter that gets the end.'),
});

/** The same as a value of `params`, which is then the parameter that gets the start. */
export const incrementalParamSchema = keys({ type: z.literal('incremental'), ...options });

export type IncrementalConfig = z.input<typeof incrementalSchema>;
export type IncrementalParam = z.input<typeof incrementalParamSchema>;
