// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, defer, ignoreElements, type Observable } from 'rxjs';
import { parquet } from '../../sinks/index.js';
import type { Progress, Receipt, Row, Rows } from '../core/index.js';
import { run } from '../table/index.js';
import { type CompiledResource, type CompileOptions, compileTogether } from './compile/compile.js';
import { StateFile } from './incremental/state-file.js';
import type { ResourcePlan } from './plan/plan.js';
import { ResourceProgress } from './resource-progress.js';

export interface SourceRunOptions {
  /** The folder of the tables; created when it is not there. */
  readonly out: string;
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
export async function runSource(
  selected: readonly ResourcePlan[],
  compile: CompileOptions,
  { out, signal, onProgress }: SourceRunOptions,
): Promise<SourceRun> {
  await mkdir(out, { recursive: true });
  const states = await openStates(selected, out);
  const resources = compileTogether(selected, { ...compile, stored: ({ name }) => states.get(name)?.state });
  const tables = resources.filter(({ plan }) => selected.includes(plan));
  const progress = new ResourceProgress(resources, onProgress);
  try {
    const chains = tables.map((resource) => writing(resource, states.get(resource.plan.name), out));
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

function writing(
  { plan, rows, cursor }: CompiledResource,
  state: StateFile | undefined,
  out: string,
): Observable<Receipt> {
  const { table, sink } = plan;
  return withStateAfter(rows, async () => state?.prepare(cursor?.state)).pipe(
    parquet(join(out, `${table}.parquet`), { table, ...sink }),
  );
}

/** The rows, and before their end is told the state is safe: the table is published only after that. */
function withStateAfter(rows: Observable<Rows<Row>>, save: () => Promise<void>): Observable<Rows<Row>> {
  return concat(rows, defer(save).pipe(ignoreElements()));
}

/** The states of the resources that have a cursor. A table that is replaced holds only what the run reads: it starts anew. */
async function openStates(selected: readonly ResourcePlan[], out: string): Promise<ReadonlyMap<string, StateFile>> {
  const states = new Map<string, StateFile>();
  for (const { name, table, incremental, sink } of selected) {
    if (incremental === undefined || incremental.endValue !== undefined || sink.writeDisposition === 'replace')
      continue;
    states.set(name, await StateFile.open(out, name, table));
  }
  return states;
}
