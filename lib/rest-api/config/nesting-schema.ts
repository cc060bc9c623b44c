// What a configuration may say of nested values, of the tables that are made of them, and of columns that are added.
import * as z from 'zod';
import { byRow } from './by-row.js';
import { columnsSchema, contractSchema } from './columns-schema.js';
import { keys, name, notYet } from './keys.js';

const nestedHint = keys({
  columns: columnsSchema.optional(),
  schema_contract: contractSchema.optional().describe("Default: the table's."),
  primary_key: notYet('rows of a child table belong to the row above them'),
  merge_key: notYet('rows of a child table belong to the row above them'),
  write_disposition: notYet('a child table is written as its table is'),
  references: notYet('remove it: a child table has the keys of the rows above it'),
});

export const nestedHintsSchema = z.record(z.string(), nestedHint);
export const levelsSchema = z.int().min(0);

const added = z.union([z.boolean(), name]).optional();

export const nestingKeys = {
  naming: z
    .enum(['keep', 'snake_case'])
    .optional()
    .describe("How keys become names of columns; snake_case by dlt's rules. Default: keep."),
  collisions: z
    .enum(['suffix', 'error'])
    .optional()
    .describe('What happens when two keys become one name. Default: suffix, or error with snake_case.'),
  keep_as_text: z
    .array(z.enum(['timestamp', 'date', 'time']))
    .optional()
    .describe('Texts that look like these stay text. Default: time.'),
  nesting: z
    .enum(['native', 'json', 'flatten', 'tables'])
    .optional()
    .describe('How nested values are kept. Default: native, or tables with max_table_nesting or nested_hints.'),
  max_table_nesting: byRow(levelsSchema)
    .nullish()
    .describe('How many levels of objects and lists become columns and child tables; what lies deeper is JSON.'),
  nested_hints: byRow(nestedHintsSchema)
    .nullish()
    .describe('What is said of child tables, by the path of their lists, such as lines__tags.'),
  metadata_columns: z
    .union([z.boolean(), keys({ load_id: added, loaded_at: added, source_page: added })])
    .optional()
    .describe('Columns that say where each row came from.'),
  dead_letters: z
    .union([z.boolean(), name])
    .nullish()
    .describe('Where rows go that the contract leaves out: true for <table>.dead.jsonl, or a path.'),
};
