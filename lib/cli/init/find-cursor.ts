// Finds the column that tells when a row was changed, and the parameter by which the API gives only what changed since.
import type { Params, Row } from '../../core/index.js';
import type { ApiProbe } from './api-probe.js';
import type { FirstPage } from './first-page.js';

export interface FoundCursor {
  readonly column: string;
  /** What goes to `endpoint.incremental`; `undefined` when the API was not found to filter by the column. */
  readonly incremental: Readonly<Record<string, unknown>> | undefined;
  /** What goes to `endpoint.params` with it. */
  readonly params: Readonly<Record<string, string>>;
  /** For people. */
  readonly why: string;
}

/** Names of such columns, without signs and in lower case, the likeliest first. */
const names = [
  'updatedat',
  'updated',
  'updatedon',
  'updateddate',
  'updatetime',
  'modifiedat',
  'modified',
  'modifiedon',
  'modifieddate',
  'lastmodified',
  'lastmodifiedat',
  'lastmodifieddate',
  'lastmodifieddatetime',
  'lastupdated',
  'lastupdatedat',
  'lastupdate',
  'datemodified',
  'dateupdated',
  'changed',
  'changedat',
  'lastchanged',
  'systemmodstamp',
  'touched',
];

/** `value` is where the value goes in what is sent. */
interface Filter {
  readonly param: string;
  readonly value: (cursor: string) => string;
}

/** @param rows as many as are known */
export async function findCursor(
  probe: ApiProbe,
  first: FirstPage,
  rows: readonly Row[],
): Promise<FoundCursor | undefined> {
  const column = Object.keys(rows[0] ?? {})
    .map((name) => ({ name, rank: names.indexOf(name.toLowerCase().replace(/[^a-z]/g, '')) }))
    .filter(({ name, rank }) => rank !== -1 && isClock(rows, name))
    .sort((a, b) => a.rank - b.rank)[0]?.name;
  if (column === undefined) return undefined;
  // The first page is what a filter is seen to change.
  const values = first.records.map((row) => row[column] as string | number).sort(ascending);
  const split = values[Math.floor(values.length / 2)]!;
  const none = { column, incremental: undefined, params: {} };
  // A filter can be seen to work only when it leaves something out.
  if (ascending(values[0]!, split) >= 0) {
    return { ...none, why: `"${column}" tells when a row was changed, but all rows of the first page have the same` };
  }
  for (const filter of filtersFor(column)) {
    if (await leavesOut(probe, first, { column, split, filter })) return withFilter(column, split, filter);
  }
  return {
    ...none,
    why: `"${column}" tells when a row was changed, but with none of the usual parameters the API gave only what changed since`,
  };
}

function withFilter(column: string, sample: string | number, { param, value }: Filter): FoundCursor {
  const why = `"${column}" tells when a row was changed, and with ${param} the API gives only what changed since`;
  if (value('x') === 'x') {
    return { column, params: {}, incremental: { cursor_path: pathOf(column), start_param: param }, why };
  }
  return {
    column,
    params: { [param]: value('{incremental.start_value}') },
    incremental: { cursor_path: pathOf(column), initial_value: beginning(sample) },
    why,
  };
}

/** Whether with the filter only rows from `split` on come, where the same request without it brought others, too. */
async function leavesOut(
  probe: ApiProbe,
  { selector, params, records }: FirstPage,
  { column, split, filter }: { readonly column: string; readonly split: string | number; readonly filter: Filter },
): Promise<boolean> {
  const had = records.some((row) => ascending(row[column] as string | number, split) < 0);
  if (!had) return false;
  const asked: Params = { ...params, [filter.param]: filter.value(String(split)) };
  const answer = await probe.ask(asked, selector);
  if (answer === undefined || answer.length === 0) return false;
  return answer.every((row) => isValue(row[column]) && ascending(row[column], split) >= 0);
}

/** The usual ways to ask for what changed since, the likeliest first. */
function filtersFor(column: string): Filter[] {
  const plain = (param: string): Filter => ({ param, value: (cursor) => cursor });
  const verb = column.toLowerCase().startsWith('m') || /modified/i.test(column) ? 'modified' : 'updated';
  return [
    plain('since'),
    plain('_since'),
    plain(`${verb}_since`),
    plain(`${verb}_after`),
    plain(`${verb}Since`),
    plain(`${verb}After`),
    plain(`${column}__gte`),
    plain(`${column}_gte`),
    plain(`${column}:gte`),
    plain(`${column}[gte]`),
    plain(`${column}_min`),
    plain(`${column}_from`),
    plain(`${column}_after`),
    plain(`${column}_since`),
    plain(`start_${column}`),
    { param: '$filter', value: (cursor) => `${column} ge ${cursor}` },
    { param: 'filter', value: (cursor) => `${column} >= '${cursor}'` },
    { param: column, value: (cursor) => `>=${cursor}` },
    { param: `filter[${column}]`, value: (cursor) => `>=${cursor}` },
    plain('if_modified_since'),
    plain('from'),
  ];
}

/** Whether all rows have a time there, all written alike, so that their order is that of time. */
function isClock(rows: readonly Row[], column: string): boolean {
  const kinds = new Set(rows.map((row) => kindOf(row[column])));
  return rows.length > 0 && kinds.size === 1 && !kinds.has('');
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) && value > 1e8 ? `number ${value > 1e11}` : '';
  if (typeof value !== 'string') return '';
  const [, separator, zone] = /^\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d(?::\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    value,
  ) ?? ['none'];
  if (separator === undefined) return /^\d{4}-\d\d-\d\d$/.test(value) ? 'date' : '';
  return `${separator}${zone ?? ''}`;
}

function isValue(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function ascending(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The beginning of time, written as the API writes times. */
function beginning(sample: string | number): string | number {
  if (typeof sample === 'number') return 0;
  const zone = /(?:Z|[+-]\d\d:?\d\d)$/.exec(sample.slice(10))?.[0] ?? '';
  return `1970-01-01${sample.slice(10, sample.length - zone.length).replace(/\d/g, '0')}${zone}`;
}

function pathOf(column: string): string {
  return /^[A-Za-z_]\w*$/.test(column) ? column : `$['${column.replace(/[\\']/g, '\\$&')}']`;
}
