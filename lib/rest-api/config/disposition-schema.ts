// What a configuration may say of how rows come into a table: dlt's words, and what happens to rows that a read no longer brings.
import * as z from 'zod';
import { byRow } from './by-row.js';
import { keys, name } from './keys.js';

const instant = z.union([z.string(), z.date()]);
/** dlt's; they make no difference to a file. */
export const replaceStrategies = ['truncate-and-insert', 'insert-from-staging', 'staging-optimized'] as const;

/** Columns, or fields within objects. */
export const keySchema = name.or(z.array(name));

/** An object says of a merge how; which of its keys a strategy takes is checked when the tables are planned. */
const asObject = keys({
  disposition: z.enum(['append', 'replace', 'merge', 'skip']),
  strategy: z
    .enum(['delete-insert', 'upsert', 'insert-only', 'scd2', ...replaceStrategies])
    .optional()
    .describe('For merge. Default: delete-insert. Those for replace have no effect.'),
  deduplicated: z
    .boolean()
    .optional()
    .describe('For delete-insert: no primary key comes twice in a run, so none is looked for. Default: false.'),
  validity_column_names: z
    .tuple([name, name])
    .nullish()
    .describe('For scd2: the columns for the times of a version. Default: _dlt_valid_from, _dlt_valid_to.'),
  active_record_timestamp: instant
    .nullish()
    .describe('For scd2: what the second of them has in a version that is valid. Default: null.'),
  boundary_timestamp: instant
    .nullish()
    .describe('For scd2: when versions that come begin and those that go end. Default: when the run began.'),
  row_version_column_name: name
    .nullish()
    .describe('For scd2: a column of the rows that tells their versions apart. Default: all columns.'),
});

export const dispositionSchema = z.enum(['append', 'replace', 'merge', 'skip']).or(asObject);

/** Keys of a resource. */
export const dispositionKeys = {
  write_disposition: byRow(dispositionSchema)
    .optional()
    .describe('What happens to the rows that are in the table; skip: the resource is not read. Default: append.'),
  primary_key: byRow(keySchema)
    .nullish()
    .describe('The columns that tell one row from another, or fields such as owner.id.'),
  merge_key: byRow(keySchema)
    .nullish()
    .describe('Rows of the table with values in these columns that came are replaced by all those that came.'),
  delete_missing: z
    .enum(['keep', 'soft', 'hard'])
    .or(keys({ mode: z.literal('soft'), column: name.optional().describe('Default: _deleted_at.') }))
    .optional()
    .describe(
      'Rows that a full read no longer brings: keep; soft: a column gets the time; hard: they are removed. Default: keep.',
    ),
  null_keys: z
    .enum(['error', 'group'])
    .optional()
    .describe('Rows with NULL in a key: an error, or rows of one group. Default: error.'),
};

export type DispositionConfig = z.input<z.ZodObject<typeof dispositionKeys>>;
