// Loads of a configuration: they ask an API, so that what it lists is part of them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { manifestName } from '../../../lib/table/directory/manifest.js';
import { readRows } from '../../sinks/parquet-file.js';
import { directoryRows } from '../../table/directory/directory-rows.js';
import { type CrashCase, checkpoint, pageCount, sortedLines } from './crash-case.js';
import type { ListedRow, Listings } from './paged-api.js';

const list = (length: number, more: (index: number) => ListedRow = () => ({})): ListedRow[] =>
  Array.from({ length }, (_, index) => ({ id: index, at: index, ...more(index) }));

/** One of the tables comes later than the others, and what is listed after the load that is stopped is for all of them. */
function kindOf(index: number): string {
  if (index > 10 && index < pageCount * 5) return 'late';
  return ['merged', 'added', index < pageCount * 5 ? 'added' : 'late'][index % 3]!;
}

interface Configured extends Pick<CrashCase, 'before'> {
  readonly name: string;
  readonly resources: RestApiConfig['resources'];
  listings(pages: number): Listings;
  readonly tables: readonly string[];
  readonly leaves?: readonly string[];
}

const configured = (
  url: () => string,
  { name, resources, listings, tables, leaves = [], ...more }: Configured,
): CrashCase => ({
  ...more,
  name,
  load: async (out) => {
    const config: RestApiConfig = {
      client: { base_url: url(), paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources,
    };
    return await restApi(config).run({ out, checkpoint });
  },
  listings,
  tables: async (out) => {
    const rows = async (table: string) => {
      if (leaves.includes(manifestName)) return sortedLines(await directoryRows(join(out, table)));
      const file = join(out, `${table}.parquet`);
      return existsSync(file) ? sortedLines(await readRows(file)) : [];
    };
    return await Promise.all(tables.map(rows));
  },
  files: [...leaves, ...(leaves.includes(manifestName) ? [] : tables.map((table) => `${table}.parquet`))],
  counts: false,
});

export const configuredCases = (url: () => string): readonly CrashCase[] => [
  configured(url, {
    name: 'an append with the state of its cursor',
    resources: [
      {
        name: 'rows',
        write_disposition: 'append',
        endpoint: { path: 'rows', incremental: { cursor_path: 'at', start_param: 'since' } },
      },
    ],
    // It grows with the pages that are asked for.
    listings: (pages) => ({ '/rows': list(pages * 5) }),
    tables: ['rows'],
    leaves: ['.sluice', '.sluice/state', '.sluice/state/rows.json'],
  }),
  configured(url, {
    name: 'several resources of a configuration',
    resources: [
      { name: 'parents', write_disposition: 'merge', primary_key: 'id' },
      {
        name: 'children',
        write_disposition: 'append',
        endpoint: { path: 'parents/{resources.parents.id}/children' },
      },
      {
        name: 'events',
        write_disposition: 'append',
        table_name: { by: 'item.kind', tables: ['pushes', 'pulls'] },
      },
    ],
    listings: (pages) => ({
      '/parents': list(2),
      '/parents/0/children': list(7, () => ({ of: 0, load: pages })),
      '/parents/1/children': list(7, () => ({ of: 1, load: pages })),
      '/events': list(pages * 5, (index) => ({ kind: index % 3 === 0 ? 'pushes' : 'pulls', load: pages })),
    }),
    tables: ['parents', 'children', 'pushes', 'pulls'],
  }),
  configured(url, {
    name: 'tables that are found as rows come, with one cursor',
    resources: [
      {
        name: 'events',
        table_name: (row) => row['kind'] as string,
        primary_key: (row) => (row['kind'] === 'merged' ? 'id' : undefined),
        write_disposition: (row) => (row['kind'] === 'merged' ? 'merge' : 'append'),
        endpoint: { path: 'events', incremental: { cursor_path: 'at', start_param: 'since' } },
      },
    ],
    listings: (pages) => ({
      '/events': list(pages * 5, (index) => ({ kind: kindOf(index) })),
    }),
    tables: ['merged', 'added', 'late'],
    leaves: ['.sluice', '.sluice/state', '.sluice/state/events.json'],
  }),
  configured(url, {
    name: 'directories of a configuration that are new',
    resources: [
      { name: 'rows', write_disposition: 'replace', sink: { layout: 'directory' } },
      {
        name: 'log',
        write_disposition: 'append',
        sink: { layout: 'directory' },
        endpoint: { path: 'log', incremental: { cursor_path: 'at', start_param: 'since' } },
      },
    ],
    listings: (pages) => ({ '/rows': list(pages * 5), '/log': list(pages * 5) }),
    tables: ['rows', 'log'],
    leaves: [manifestName, '.sluice', '.sluice/state', '.sluice/state/log.json'],
    before: 0,
  }),
];
