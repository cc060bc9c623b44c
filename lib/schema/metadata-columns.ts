// Columns that say where a row came from: the load, when it came, the page.
import { checkNames, OptionError } from '../core/index.js';
import { foldName } from './names.js';
import type { DeclaredColumn } from './resolve.js';
import type { ColumnType } from './type.js';

/** Which of them a table has: under their usual name, or one of one's own. */
export interface MetadataColumns {
  /** The load that brought the row. @default none; `true` is `_dlt_load_id` */
  readonly loadId?: boolean | string;
  /** When the row was taken in. @default none; `true` is `_loaded_at` */
  readonly loadedAt?: boolean | string;
  /** The number of the page that it came with, in its walk. @default none; `true` is `_source_page` */
  readonly sourcePage?: boolean | string;
}

/** All of them, or some. */
export type MetadataColumnsOption = boolean | MetadataColumns;

/** Where the rows of a page come from. */
export interface PageSource {
  readonly loadId: string;
  /** Milliseconds since 1970. */
  readonly loadedAt: number;
  readonly page: number;
}

interface Kind {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  readonly json: (source: PageSource) => string;
}

const known: Readonly<Record<keyof MetadataColumns, Kind>> = {
  loadId: {
    name: '_dlt_load_id',
    type: { kind: 'text' },
    description: 'the load that brought the row',
    json: ({ loadId }) => JSON.stringify(loadId),
  },
  loadedAt: {
    name: '_loaded_at',
    type: { kind: 'timestamp' },
    description: 'when the row was taken in',
    json: ({ loadedAt }) => `"${new Date(loadedAt).toISOString()}"`,
  },
  sourcePage: {
    name: '_source_page',
    type: { kind: 'bigint' },
    description: 'the page that the row came with, counted from 0',
    json: ({ page }) => String(page),
  },
};

/** The metadata columns of a table. */
export interface MetadataPolicy {
  readonly columns: readonly Required<Pick<DeclaredColumn, 'name' | 'type' | 'description'>>[];
  /** The members that all rows of a page get. */
  members(source: PageSource): string;
}

/** @throws OptionError `ERR_INVALID_OPTION` */
export function metadataPolicy(option: MetadataColumnsOption = false): MetadataPolicy {
  const all = Object.keys(known) as (keyof MetadataColumns)[];
  if (typeof option !== 'boolean' && (typeof option !== 'object' || option === null)) {
    throw new OptionError('metadataColumns', `give true, or an object with ${all.join(', ')}`);
  }
  const given = typeof option === 'boolean' ? Object.fromEntries(all.map((each) => [each, option])) : option;
  checkNames(given, all, 'metadataColumns');
  const chosen = all.flatMap((key) => {
    const name = given[key] === true ? known[key].name : given[key];
    if (name === undefined || name === false) return [];
    if (typeof name === 'string' && name !== '') return [{ ...known[key], name }];
    throw new OptionError(`metadataColumns.${key}`, 'give true, or the name of the column');
  });
  if (new Set(chosen.map(({ name }) => foldName(name))).size < chosen.length) {
    throw new OptionError('metadataColumns', 'two of them have the same name');
  }
  return {
    columns: chosen.map(({ name, type, description }) => ({ name, type, description })),
    members: (source) => chosen.map(({ name, json }) => `${JSON.stringify(name)}:${json(source)}`).join(','),
  };
}
