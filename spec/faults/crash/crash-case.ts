// A load that is stopped, and how its pages reach a sink. The cases themselves are in the files whose names end in `-cases`.
import { existsSync } from 'node:fs';
import { defer, lastValueFrom, type OperatorFunction, tap } from 'rxjs';
import type { Receipt, Rows } from '../../../lib/core/index.js';
import { walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import type { Crash } from './disk-state.js';
import type { Listings } from './paged-api.js';

/** Pages of a load that is stopped. */
export const pageCount = 9;
/** Pages of the load before it. */
export const pagesBefore = 3;
export const checkpoint = { pages: 2 };

/** How often a load subscribed to its source, what it asked for, and what it was told to be durable, in pages. Of loads of one walk. */
export interface Seen {
  subscribed: number;
  fetched: number;
  committed: number;
}

export const nothing = (): Seen => ({ subscribed: 0, fetched: 0, committed: 0 });

/** The rows of each table. */
export type Tables = readonly unknown[];

export interface CrashCase {
  readonly name: string;
  /** Loads so many pages into the folder. */
  load(out: string, pages: number, seen?: Seen): Promise<unknown>;
  /** The rows of what is published, in an order that is always the same. */
  tables(out: string): Promise<Tables>;
  /** The same, where tables are linked that do not change at one moment: of each what can be compared without the others. @default tables */
  alone?(out: string): Promise<Tables>;
  /** What may be in the output folder afterwards, beside the files that a manifest names. */
  readonly files: readonly string[];
  /** Whether readers see all tables change at one moment. @default one after the other */
  readonly together?: true;
  /** Pages of the load before it; 0 for tables that are new. @default pagesBefore */
  readonly before?: number;
  /** Whether `seen` is filled in. @default true */
  readonly counts?: false;
  /** The crashes that are tried. @default all */
  readonly crashes?: readonly Crash[];
  /** What the API lists, for a load that asks one. */
  listings?(pages: number): Listings;
}

/** Loads the pages of one walk, and takes note of what is asked for and of what is said to be durable. */
export async function into(
  sink: OperatorFunction<Rows, Receipt>,
  pages: number,
  seen: Seen | undefined,
): Promise<unknown> {
  const fetched = (): void => {
    if (seen !== undefined) seen.fetched += 1;
  };
  const committed = ({ positions, published }: Receipt): void => {
    if (seen !== undefined && !published) seen.committed = 1 + (positions[0]?.page ?? -1);
  };
  const source = defer(() => {
    if (seen !== undefined) seen.subscribed += 1;
    return walk(pages, fetched);
  });
  return await lastValueFrom(source.pipe(sink, tap(committed)));
}

const columns = 'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text';

/** The rows of `walk` in their order, as a function of DuckDB reads them; none of a file that is not there. */
export async function rowsOf(reader: string, file: string, more = ''): Promise<unknown> {
  return existsSync(file) ? await query(`SELECT ${columns}${more} FROM ${reader}('${file}')`) : [];
}

/** All columns but those that tell the load, as sorted lines. */
export function sortedLines(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
