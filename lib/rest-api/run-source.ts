// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { concat, defer, ignoreElements, type Observable, take } from 'rxjs';
import { currentFlow, type Receipt, type Row, type Rows } from '../core/index.js';
import { run } from '../table/index.js';
import { type CompiledResource, type CompileOptions, compileTogether } from './compile/compile.js';
import { fingerprintOf } from './fingerprint.js';
import { StateFile } from './incremental/state-file.js';
import { cursorKind } from './incremental/state-text.js';
import { makeFolder } from './out-folder.js';
import type { ResourcePlan } from './plan/plan.js';
import { ResourceProgress } from './resource-progress.js';
import { hasRange, memoryShares, type SourceRunOptions, selectedPlans } from './run-options.js';
import { tableFileOf } from './table-file.js';

/** What a run came to. */
export interface SourceRun {
  /** The last receipt of each selected resource, by its name. Requests, retries, pages and rows in it are the resource's own. */
  readonly receipts: Readonly<Record<string, Receipt>>;
  /** What a person should look at although nothing failed, such as a table that is empty now. */
  readonly notes: readonly RunNote[];
}

export interface RunNote {
  readonly resource: string;
  readonly message: string;
}

/** Writes `<out>/<table>.<format>` for each of the resources. */
export async function runSource(compile: CompileOptions, options: SourceRunOptions): Promise<SourceRun> {
  const { out, signal, onProgress, fullRefresh = false } = options;
  const selected = selectedPlans(compile.plans, options);
  await makeFolder(out);
  const states = await openStates(selected, options);
  const plans = compile.plans.map((plan) => selected.find(({ name }) => name === plan.name) ?? plan);
  const stored = ({ name }: ResourcePlan) => (fullRefresh ? undefined : states.get(name)?.state);
  const resources = compileTogether(selected, { ...compile, plans, stored });
  const tables = resources.filter(({ plan }) => selected.includes(plan));
  const progress = new ResourceProgress(resources, onProgress);
  const unfit = [...states].flatMap(([resource, { unfit: message }]) => (message ? [{ resource, message }] : []));
  for (const { resource, message } of unfit) onProgress?.(resource, { type: 'note', message });
  try {
    const chains = tables.map((resource) => {
      const { baseUrl } = compile;
      const fingerprint = fingerprintOf(resource.plan, { plans, baseUrl, start: stored(resource.plan) });
      return writing(resource, { state: states.get(resource.plan.name), fingerprint, plans }, options);
    });
    const { highWaterMark } = memoryShares(options);
    const receipts = await run(chains, {
      ...(signal && { signal }),
      highWaterMark: { ...compile.highWaterMark, ...highWaterMark },
      onProgress: (event) => progress.take(event),
    });
    for (const state of states.values()) await state.commit();
    const notes = tables.flatMap((resource, index) => notesOn(resource, receipts[index]!));
    for (const { resource, message } of notes) onProgress?.(resource, { type: 'note', message });
    return {
      receipts: Object.fromEntries(
        tables.map((resource, index) => [resource.plan.name, progress.own(resource, receipts[index]!)]),
      ),
      notes: [...unfit, ...notes],
    };
  } finally {
    progress.close();
  }
}

function notesOn({ plan: { name, table, sink }, selection }: CompiledResource, { total, files }: Receipt): RunNote[] {
  const { unmatched } = selection;
  const notes: string[] = [];
  if (unmatched) {
    const pages = unmatched.pages === 1 ? 'its only page' : `any of its ${unmatched.pages} pages`;
    notes.push(`"data_selector" ${JSON.stringify(unmatched.selector)} matched nothing on ${pages}`);
  }
  if (sink.writeDisposition === 'replace' && total === 0 && files.length > 0)
    notes.push(`the table "${table}" is empty now: it was replaced, and the resource gave no rows`);
  return notes.map((message) => ({ resource: name, message }));
}

interface Circumstances {
  readonly state: StateFile | undefined;
  readonly fingerprint: string;
  /** All resources of the source. */
  readonly plans: readonly ResourcePlan[];
}

/** Whether only what is new is read, of the resource or of one above it: then nothing can be said of rows that do not come. */
function isIncremental({ incremental, parent }: ResourcePlan, plans: readonly ResourcePlan[]): boolean {
  if (incremental !== undefined || parent === undefined) return incremental !== undefined;
  const above = plans.find(({ name }) => name === parent.name);
  return above !== undefined && isIncremental(above, plans);
}

function writing(
  { plan, rows, cursor }: CompiledResource,
  { state, fingerprint, plans }: Circumstances,
  options: SourceRunOptions,
): Observable<Receipt> {
  const { table, sink } = plan;
  const { out, limit, format, checkpoint, fullRefresh = false } = options;
  const partial = limit !== undefined || hasRange(options) || isIncremental(plan, plans);
  const some = limit === undefined ? rows : rows.pipe(take(limit));
  return withStateAfter(some, async (load) => state?.prepare(cursor?.state, load)).pipe(
    tableFileOf(plan, { out, format }).sink({
      table,
      fingerprint,
      ...sink,
      ...memoryShares(options).sink,
      partial: () => partial,
      ...(checkpoint && { checkpoint }),
      ...(fullRefresh && { writeDisposition: 'replace' }),
    }),
  );
}

/** The rows, and before their end is told the state is safe: the table is published only after that. */
function withStateAfter(rows: Observable<Rows<Row>>, save: (load: string) => Promise<void>): Observable<Rows<Row>> {
  return defer(() => {
    const flow = currentFlow()!;
    return concat(rows, defer(() => save(flow.loadId!)).pipe(ignoreElements()));
  });
}

/** The states of the resources that have a cursor. A table that is replaced holds only what the run reads: it starts anew. */
async function openStates(
  selected: readonly ResourcePlan[],
  options: SourceRunOptions,
): Promise<ReadonlyMap<string, StateFile>> {
  const states = new Map<string, StateFile>();
  const { out, limit, format } = options;
  if (limit !== undefined || hasRange(options)) return states;
  for (const plan of selected) {
    const { name, incremental, sink } = plan;
    if (incremental === undefined || incremental.endValue !== undefined || sink.writeDisposition === 'replace')
      continue;
    const table = tableFileOf(plan, { out, format });
    states.set(name, await StateFile.open({ out, resource: name, table, cursor: cursorKind(incremental) }));
  }
  return states;
}
