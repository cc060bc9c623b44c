// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, defer, ignoreElements, type Observable, take } from 'rxjs';
import { parquet } from '../../sinks/index.js';
import { OptionError, type Progress, type Receipt, type Row, type Rows } from '../core/index.js';
import { run } from '../table/index.js';
import { nearest } from './check/nearest.js';
import { type CompiledResource, type CompileOptions, compileTogether } from './compile/compile.js';
import { StateFile } from './incremental/state-file.js';
import type { ResourcePlan } from './plan/plan.js';
import { ResourceProgress } from './resource-progress.js';

export interface SourceRunOptions {
  /** The folder of the tables; created when it is not there. */
  readonly out: string;
  /** Only these resources get a table. @default those that the configuration selects */
  readonly select?: readonly string[];
  /** At most this many pages of each resource, and nothing is remembered for the next run: to try a configuration. At least 1. @default all */
  readonly limit?: number;
  /** Reads everything, whatever earlier runs have read, and puts it in the place of the tables. @default false */
  readonly fullRefresh?: boolean;
  /** Stops the run; what is staged is kept, and the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** Is told of everything that happens, with the name of the resource it happens to; `undefined` for the run as a whole. */
  readonly onProgress?: (resource: string | undefined, event: Progress) => void;
}

/** What a run came to. */
export interface SourceRun {
  /** The last receipt of each selected resource, by its name. Requests, retries, pages and rows in it are the resource's own. */
  readonly receipts: Readonly<Record<string, Receipt>>;
}

/** Writes `<out>/<table>.parquet` for each of the resources. */
export async function runSource(compile: CompileOptions, options: SourceRunOptions): Promise<SourceRun> {
  const { out, signal, onProgress, fullRefresh = false } = options;
  const selected = selectedPlans(compile.plans, options);
  await mkdir(out, { recursive: true });
  const states = await openStates(selected, options);
  const resources = compileTogether(selected, {
    ...compile,
    stored: ({ name }) => (fullRefresh ? undefined : states.get(name)?.state),
  });
  const tables = resources.filter(({ plan }) => selected.includes(plan));
  const progress = new ResourceProgress(resources, onProgress);
  try {
    const chains = tables.map((resource) => writing(resource, states.get(resource.plan.name), options));
    const receipts = await run(chains, { ...(signal && { signal }), onProgress: (event) => progress.take(event) });
    for (const state of states.values()) await state.commit();
    return {
      receipts: Object.fromEntries(
        tables.map((resource, index) => [resource.plan.name, progress.own(resource, receipts[index]!)]),
      ),
    };
  } finally {
    progress.close();
  }
}

/** @throws OptionError `ERR_INVALID_OPTION` for a name that no resource has, and for a limit that is none */
function selectedPlans(plans: readonly ResourcePlan[], { select, limit }: SourceRunOptions): readonly ResourcePlan[] {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new OptionError('limit', `must be a whole number above 0, not ${limit}`);
  if (select === undefined) return plans.filter((plan) => plan.selected);
  return select.map((name) => {
    const plan = plans.find((each) => each.name === name);
    if (plan !== undefined) return plan;
    const known = plans.map((each) => each.name);
    const near = nearest(name, known);
    throw new OptionError(
      'select',
      `there is no resource "${name}"; ${near ? `did you mean "${near}"?` : `there are ${known.join(', ')}`}`,
    );
  });
}

function writing(
  { plan, rows, cursor }: CompiledResource,
  state: StateFile | undefined,
  options: SourceRunOptions,
): Observable<Receipt> {
  const { table, sink } = plan;
  const { out, limit, fullRefresh = false } = options;
  const some = limit === undefined ? rows : rows.pipe(take(limit));
  return withStateAfter(some, async () => state?.prepare(cursor?.state)).pipe(
    parquet(join(out, `${table}.parquet`), { table, ...sink, ...(fullRefresh && { writeDisposition: 'replace' }) }),
  );
}

/** The rows, and before their end is told the state is safe: the table is published only after that. */
function withStateAfter(rows: Observable<Rows<Row>>, save: () => Promise<void>): Observable<Rows<Row>> {
  return concat(rows, defer(save).pipe(ignoreElements()));
}

/** The states of the resources that have a cursor. A table that is replaced holds only what the run reads: it starts anew. */
async function openStates(
  selected: readonly ResourcePlan[],
  { out, limit }: SourceRunOptions,
): Promise<ReadonlyMap<string, StateFile>> {
  const states = new Map<string, StateFile>();
  if (limit !== undefined) return states;
  for (const { name, table, incremental, sink } of selected) {
    if (incremental === undefined || incremental.endValue !== undefined || sink.writeDisposition === 'replace')
      continue;
    states.set(name, await StateFile.open(out, name, table));
  }
  return states;
}
