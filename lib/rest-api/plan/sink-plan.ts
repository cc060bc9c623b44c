// What a resource says of its table, as the options of a sink.
import { type ColumnOptions, columnPolicy } from '../../schema/index.js';
import type { Checkpoint } from '../../table/index.js';
import { camelCase } from '../compile/camel-case.js';
import type { ClientConfig } from '../config/source-schema.js';
import type { TableFormat } from '../table-format.js';
import type { FullResource } from './defaults.js';
import { type DispositionPlan, planDisposition } from './disposition.js';
import type { WithoutRowHints } from './row-hints.js';

/** Options of a table's sink. */
export interface SinkPlan extends ColumnOptions, DispositionPlan {
  readonly checkpoint?: Checkpoint;
  readonly deadLetters?: boolean | string;
  /** Options of the format, by their names in the library. */
  readonly [option: string]: unknown;
}

/** The sink of a table, and what it is written as; `undefined`: as the run says. */
export function planSink(
  resource: WithoutRowHints<FullResource>,
  client: ClientConfig,
): SinkPlan & { readonly format: TableFormat | undefined } {
  const { format, ...sinkOptions } = resource.sink ?? {};
  const checkpoint = resource.endpoint.checkpoint ?? client.checkpoint;
  const columns = planColumns(resource);
  return {
    format,
    ...camelCase(sinkOptions),
    ...(checkpoint && { checkpoint: checkpoint as Checkpoint }),
    ...(resource.dead_letters != null && { deadLetters: resource.dead_letters }),
    ...planDisposition(resource, columns),
    ...columns,
  };
}

type ColumnKeys = Pick<
  WithoutRowHints<FullResource>,
  | 'columns'
  | 'schema_contract'
  | 'naming'
  | 'nesting'
  | 'max_table_nesting'
  | 'nested_hints'
  | 'metadata_columns'
  | 'collisions'
  | 'keep_as_text'
>;

/** What is said of the columns of the table, and of the tables below it. */
export function planColumns(resource: ColumnKeys): ColumnOptions {
  const { columns, schema_contract: contract, metadata_columns: metadata, nested_hints: hints } = resource;
  const { nesting, max_table_nesting: levels } = resource;
  const nested = Object.entries(hints ?? {}).map(([path, each]) => [path, camelCase(each)] as const);
  // With 0 levels nothing is taken apart: then no row needs the columns by which child tables find it.
  const isFlat = levels === 0 && nesting !== 'tables' && nested.length === 0;
  return camelCase({
    columns,
    schema_contract: contract,
    naming: resource.naming,
    collisions: resource.collisions,
    keep_as_text: resource.keep_as_text,
    nesting: isFlat ? 'json' : nesting,
    max_table_nesting: isFlat ? undefined : levels,
    metadata_columns: typeof metadata === 'object' && metadata !== null ? camelCase(metadata) : metadata,
    nested_hints: nested.length === 0 ? undefined : Object.fromEntries(nested),
  }) as ColumnOptions;
}

/** @throws OptionError `ERR_INVALID_OPTION` for what does not go together */
export function checkColumns(resource: ColumnKeys): void {
  columnPolicy(planColumns(resource));
}
