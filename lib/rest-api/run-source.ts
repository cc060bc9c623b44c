// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { concat, defer, ignoreElements, type Observable, take } from 'rxjs';
import { currentFlow, keepsPristine, type Receipt, type Row, type Rows } from '../core/index.js';
import { run } from '../table/index.js';
import { type CompiledResource, type CompileOptions, compileTogether } from './compile/compile.js';
import { DeadLetters, deadLetterFile } from './dead-letters.js';
import { fingerprintOf } from './fingerprint.js';
import { mostKnown } from './incremental/boundary.js';
import { OpenStates } from './incremental/open-states.js';
import { makeFolder } from './out-folder.js';
import type { ResourcePlan } from './plan/plan.js';
import { tablePlans } from './plan/table-names.js';
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
  const { out, format, signal, onProgress, fullRefresh = false } = options;
  const chosen = selectedPlans(compile.plans, options);
  const selected = tablePlans(chosen);
  await makeFolder(out);
  const states = await OpenStates.open(remembering(selected, options), { out, format, plans: compile.plans });
  const wholes = compile.plans.map((plan) => chosen.find(({ name }) => name === plan.name) ?? plan);
  const plans = [...wholes, ...selected.filter(({ from }) => from !== undefined)];
  const stored = (plan: ResourcePlan) => (fullRefresh ? undefined : states.stored(plan));
  const deadLetters = new DeadLetters(out);
  const leftOut: CompileOptions['leftOut'] = (plan, failure) => deadLetters.add(plan.table, failure);
  const replaced = await replacing(selected, options);
  const empties = ({ name }: ResourcePlan) => replaced.has(name);
  const resources = compileTogether(selected, { ...compile, plans, stored, empties, leftOut });
  const tables = resources.filter(({ plan }) => selected.includes(plan));
  const progress = new ResourceProgress(resources, onProgress);
  const { unfit } = states;
  for (const { resource, message } of unfit) onProgress?.(resource, { type: 'note', message });
  const anyLeftOut = () => resources.some(({ failures }) => failures.count > 0);
  try {
    const chains = tables.map((resource) => {
      const { baseUrl } = compile;
      const fingerprint = fingerprintOf(resource.plan, { plans, baseUrl, start: stored(resource.plan) });
      return writing(resource, { states, fingerprint, plans, leftOut: anyLeftOut }, options);
    });
    const { highWaterMark } = memoryShares(options);
    const receipts = await run(chains, {
      ...(signal && { signal }),
      highWaterMark: { ...compile.highWaterMark, ...highWaterMark },
      onProgress: (event) => progress.take(event),
    });
    await states.commit();
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

function notesOn(
  { plan: { name, table, sink }, selection, failures, cursors }: CompiledResource,
  { total, files }: Receipt,
): RunNote[] {
  const { unmatched } = selection;
  const notes = unmatched === undefined ? [] : [unmatched];
  if (sink.writeDisposition === 'replace' && total === 0 && files.length > 0)
    notes.push(`the table "${table}" is empty now: it was replaced, and the resource gave no rows`);
  if (files.length === 0)
    notes.push(`the table "${table}" has no file yet: no row has come, so its columns are not known`);
  if (failures.count > 0)
    notes.push(`rows of its parent that were left out: ${failures.count}; they are in ${deadLetterFile(table)}`);
  if ((cursors?.state?.seen?.length ?? 0) >= mostKnown)
    notes.push(
      `${mostKnown} rows or more have the furthest value of its cursor; of those beyond that, the next run reads some again. With a primary key and "merge" that does no harm`,
    );
  return notes.map((message) => ({ resource: name, message }));
}

interface Circumstances {
  readonly states: OpenStates;
  readonly fingerprint: string;
  /** All resources of the source. */
  readonly plans: readonly ResourcePlan[];
  /** Whether a resource of the run left something out. */
  leftOut(): boolean;
}

/** Whether only what is new is read, or pages may be skipped, of the resource or of one above it: nothing can be said then of rows that do not come. */
function readsAPart({ incremental, pages, parents }: ResourcePlan, plans: readonly ResourcePlan[]): boolean {
  if (incremental !== undefined || pages.actions?.some(({ action }) => action === 'skip')) return true;
  return plans.some((above) => parents?.names.includes(above.name) && readsAPart(above, plans));
}

function writing(
  { plan, rows, cursors, failures }: CompiledResource,
  { states, fingerprint, plans, leftOut }: Circumstances,
  options: SourceRunOptions,
): Observable<Receipt> {
  const { table, sink } = plan;
  const { out, limit, format, checkpoint, fullRefresh = false } = options;
  const partial = limit !== undefined || hasRange(options) || readsAPart(plan, plans);
  const some = limit === undefined ? rows : rows.pipe(keepsPristine(take(limit)));
  const save = async (load: string) => {
    // What was left out is to be asked for again: only a cursor of each row of the parent may move then.
    if (failures.count === 0 || plan.incremental?.perParent) await states.prepare(plan, cursors, load);
    else await states.keep(plan);
  };
  return some.pipe(
    keepsPristine((pages) => withStateAfter(pages, save)),
    tableFileOf(plan, { out, format }).sink({
      table,
      fingerprint,
      ...sink,
      ...memoryShares(options).sink,
      partial: () => partial || leftOut(),
      ...(checkpoint && { checkpoint }),
      ...(fullRefresh && { refresh: true }),
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

/** The names of those that replace a table which is there. A full refresh is asked for by a person: it may empty one. */
async function replacing(
  selected: readonly ResourcePlan[],
  { out, format, limit, fullRefresh = false }: SourceRunOptions,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const plan of selected) {
    if (plan.sink.writeDisposition !== 'replace' || fullRefresh || limit !== undefined) continue;
    if ((await tableFileOf(plan, { out, format }).loads()).length > 0) names.add((plan.from ?? plan).name);
  }
  return names;
}

/** Those that remember how far they have come. A table that is replaced holds only what the run reads: it starts anew. */
function remembering(selected: readonly ResourcePlan[], options: SourceRunOptions): ResourcePlan[] {
  if (options.limit !== undefined || hasRange(options)) return [];
  return selected.filter(
    ({ incremental, sink }) =>
      incremental !== undefined && incremental.endValue === undefined && sink.writeDisposition !== 'replace',
  );
}
