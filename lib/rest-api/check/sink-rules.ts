// What is wrong with where a table goes: options of another format, and names that lead out of the folder of the tables.
import type { ResourceConfig, ResourceDefaults } from '../config/resource-schema.js';
import type { SinkConfig } from '../config/sink-schema.js';
import { splitOf, tableNameFault } from '../plan/table-names.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

const parquetOnly = ['parquet'];

/** The formats that know an option; one that is not here is known to all. */
const formatsOf: Readonly<Partial<Record<keyof SinkConfig, readonly string[]>>> = {
  database: ['duckdb'],
  schema: ['duckdb'],
  layout: parquetOnly,
  partition_by: parquetOnly,
  file_max_items: parquetOnly,
  file_max_bytes: parquetOnly,
  file_max_seconds: parquetOnly,
  compression: parquetOnly,
  compression_level: parquetOnly,
  row_group_rows: parquetOnly,
  dictionary: ['parquet', 'arrow'],
  statistics: parquetOnly,
  bloom_filters: parquetOnly,
  metadata: parquetOnly,
  timestamps: parquetOnly,
  engine: parquetOnly,
  batch_rows: ['arrow'],
  ipc: ['arrow'],
};

/** Options that the format of the table does not have. Without a format, a run may say which one it is. */
export function sinkFindings({ sink }: ResourceDefaults, owner: Path): Finding[] {
  const { format, ...options } = sink ?? {};
  if (format === undefined) return [];
  return Object.entries(options).flatMap(([key, value]): Finding[] => {
    const formats = formatsOf[key as keyof SinkConfig];
    // A layout of one file is what all the others have anyway.
    if (value === undefined || (key === 'layout' && value === 'file') || formats?.includes(format) !== false) return [];
    const message = `is for the format ${formats.join(' or ')}, and "format" is "${format}"`;
    return [{ code: 'conflict', path: [...owner, 'sink', key], message }];
  });
}

/** Names of tables that would be files elsewhere than in the folder of the run. */
export function tableNameFindings(resource: string | ResourceConfig, path: Path): Finding[] {
  const { name, table_name: given, selected = true } = typeof resource === 'string' ? { name: resource } : resource;
  if (!selected) return [];
  const own = typeof resource === 'string' ? path : [...path, 'name'];
  const tables: (readonly [string, Path])[] =
    given === undefined
      ? [[name, own]]
      : typeof given === 'string'
        ? [[given, [...path, 'table_name']]]
        : (splitOf({ table_name: given })?.tables ?? []).map(
            (table, index) => [table, [...path, 'table_name', 'tables', index]] as const,
          );
  return tables.flatMap(([table, place]): Finding[] => {
    const fault = tableNameFault(table);
    if (fault === undefined) return [];
    const instead = given === undefined ? '; give the table another name with "table_name"' : '';
    const message = `${JSON.stringify(table)} ${fault}, and the table is a file of that name${instead}`;
    return [{ code: 'wrong-value', path: place, found: JSON.stringify(table), message }];
  });
}
