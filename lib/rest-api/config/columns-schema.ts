// What a configuration may say of a table's columns, and of what happens to others.
import * as z from 'zod';
import type { StandardJsonSchema } from '../../schema/index.js';
import { keys, name, notThere } from './keys.js';

const dataType = z.enum([
  'text',
  'double',
  'bool',
  'timestamp',
  'date',
  'time',
  'bigint',
  'binary',
  'json',
  'complex',
  'decimal',
  'wei',
]);

const column = {
  data_type: dataType.optional().describe('Wins over what is found in the rows.'),
  nullable: z.boolean().optional(),
  precision: z.int().min(1).optional().describe('Digits in all, of a decimal.'),
  scale: z.int().min(0).optional().describe('Digits behind the point, of a decimal.'),
  timezone: z.boolean().optional().describe('Has no effect: a timestamp is an instant.'),
  primary_key: z.boolean().optional(),
  unique: z.boolean().optional().describe('Has no effect: a file has no constraints. Rows are told apart by the key.'),
  description: z.string().optional(),
  merge_key: z.boolean().optional(),
  dedup_sort: z
    .enum(['asc', 'desc'])
    .optional()
    .describe(
      'Of the rows with one primary key in a run, the first in this order counts. Default: the last that came.',
    ),
  hard_delete: z
    .boolean()
    .optional()
    .describe('Marks rows that are deleted: true, or for other types any value but null.'),
};

/** Columns by name, as a list, as a JSON Schema, or, in a program, as a zod schema. */
export const columnsSchema = z.union([
  z.record(z.string(), keys({ name: name.optional(), ...column })),
  z.array(keys({ name, ...column })),
  z.looseObject({ type: z.literal('object'), properties: z.record(z.string(), z.unknown()) }),
  z.custom<StandardJsonSchema>((value) => typeof value === 'object' && value !== null && '~standard' in value, {
    params: { code: notThere },
  }),
]);

const mode = z.enum(['evolve', 'freeze', 'discard_row', 'discard_value']);

export const contractSchema = mode.or(
  keys({
    tables: mode.optional().describe('A table that does not exist yet.'),
    columns: mode.optional().describe('A column that the table does not have.'),
    data_type: mode.optional().describe('A value that its column cannot hold.'),
  }),
);
