// What a run takes beside the configuration, and what of it changes the plans of the resources.
import { nearest, OptionError, type Progress } from '../core/index.js';
import type { Checkpoint } from '../table/index.js';
import { compare } from './incremental/compare.js';
import type { IncrementalPlan } from './incremental/cursor-plan.js';
import { type CursorValue, cursorLike, plainValue } from './incremental/cursor-value.js';
import type { ResourcePlan } from './plan/plan.js';
import type { FileSinkOptions } from './table-file.js';
import type { TableFormat } from './table-format.js';

export interface SourceRunOptions {
  /** The folder of the tables; created when it is not there. */
  readonly out: string;
  /** Only these resources get a table. @default those that the configuration selects */
  readonly select?: readonly string[];
  /** What the tables are written as. @default 'parquet' */
  readonly format?: TableFormat;
  /** At most this many pages of each resource, and nothing is remembered for the next run: to try a configuration. At least 1. @default all */
  readonly limit?: number;
  /** Reads everything, whatever earlier runs have read, and puts it in the place of the tables. @default false */
  readonly fullRefresh?: boolean;
  /**
   * Where the cursors start in this run, whatever earlier runs have come to. A run with `since` or `until` stands for itself: what
   * earlier runs remember is neither used nor changed. @default where the last run ended, or else the configuration's `initial_value`
   */
  readonly since?: string | number;
  /** Where the cursors end in this run. Whether the end itself belongs to it is the configuration's `range_end`. @default no end */
  readonly until?: string | number;
  /**
   * Memory in bytes for what a run keeps: a quarter for pages on their way, the rest for the engine that publishes. At least 64 MiB. The
   * program itself takes about 100 MB more. @default the configuration's `max_memory`, or else 192 MiB
   */
  readonly maxMemory?: number;
  /** How much the run may lose when its process is killed. @default 100 pages, 5 seconds or 32 MiB, whatever comes first */
  readonly checkpoint?: Checkpoint;
  /** Stops the run; what is staged is kept, and the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** Is told of everything that happens, with the name of the resource it happens to; `undefined` for the run as a whole. */
  readonly onProgress?: (resource: string | undefined, event: Progress) => void;
}

const mebibyte = 1024 * 1024;

/**
 * The plans of the resources that get a table, as this run wants them.
 *
 * @throws OptionError `ERR_INVALID_OPTION` for a name that no resource has, a limit or a memory that is none, and a range without a cursor, or that
 * ends before it starts
 */
export function selectedPlans(plans: readonly ResourcePlan[], options: SourceRunOptions): readonly ResourcePlan[] {
  const { limit, maxMemory, select, since, until } = options;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new OptionError('limit', `must be a whole number above 0, not ${limit}`);
  if (maxMemory !== undefined && !(maxMemory >= 64 * mebibyte))
    throw new OptionError('maxMemory', `must be at least 64 MiB (${64 * mebibyte} bytes), not ${maxMemory}`);
  const chosen =
    select === undefined ? plans.filter((plan) => plan.selected) : select.map((name) => named(plans, name));
  const name = since !== undefined ? 'since' : 'until';
  if ((since ?? until) !== undefined && !chosen.some((plan) => plan.incremental))
    throw new OptionError(name, `needs a resource with "incremental", and ${listed(chosen)} has none`);
  return chosen.map((plan) => withRange(plan, options));
}

/** Whether the run is for a range of its own: it neither reads nor writes what is remembered. */
export function hasRange({ since, until }: SourceRunOptions): boolean {
  return since !== undefined || until !== undefined;
}

/** How the memory is divided. */
export function memoryShares({ maxMemory }: SourceRunOptions): {
  readonly sink: Pick<FileSinkOptions, 'memoryLimit'>;
  readonly highWaterMark?: { readonly bytes: number };
} {
  if (maxMemory === undefined) return { sink: {} };
  const bytes = Math.floor(maxMemory / 4);
  return {
    sink: { memoryLimit: `${Math.floor((maxMemory - bytes) / mebibyte)}MiB` },
    highWaterMark: { bytes },
  };
}

/** @throws OptionError `ERR_INVALID_OPTION` */
export function named(plans: readonly ResourcePlan[], name: string): ResourcePlan {
  const plan = plans.find((each) => each.name === name);
  if (plan !== undefined) return plan;
  const known = plans.map((each) => each.name);
  const near = nearest(name, known);
  throw new OptionError(
    'select',
    `there is no resource "${name}"; ${near ? `did you mean "${near}"?` : `there are ${known.join(', ')}`}`,
  );
}

function withRange(plan: ResourcePlan, options: SourceRunOptions): ResourcePlan {
  const { since, until } = options;
  const { incremental } = plan;
  if (incremental === undefined) return plan;
  const like: CursorValue | undefined = incremental.initialValue ?? incremental.endValue;
  const ranged = {
    ...incremental,
    ...(since !== undefined && { initialValue: cursorLike(since, like) }),
    ...(until !== undefined && { endValue: cursorLike(until, like) }),
  };
  if (hasRange(options) && isReversed(ranged)) {
    const [start, end] = [ranged.initialValue, ranged.endValue].map((value) => JSON.stringify(plainValue(value!)));
    const name = since !== undefined ? 'since' : 'until';
    throw new OptionError(
      name,
      `the range of ${JSON.stringify(plan.name)} would start at ${start}, beyond its end ${end}`,
    );
  }
  return { ...plan, incremental: ranged };
}

/** Whether no value can be in the range. Where a function tells what is further on, nobody knows. */
function isReversed({ initialValue: start, endValue: end, direction }: IncrementalPlan): boolean {
  if (start === undefined || end === undefined || (direction !== 'max' && direction !== 'min')) return false;
  const order = compare(start, end) ?? 0;
  return direction === 'max' ? order > 0 : order < 0;
}

function listed(plans: readonly ResourcePlan[]): string {
  return plans.map(({ name }) => name).join(', ');
}
