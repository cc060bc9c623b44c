// Runs the resources of a source together: one stage, one journal, and a table for each of them.
import { concat, defer, ignoreElements, type Observable, type OperatorFunction, take, tap } from 'rxjs';
import { currentFlow, keepsConfined, keepsPristine, type Receipt, type Row, type Rows } from '../core/index.js';
import { type Division, dividedSink, placeAllComing, run, withFoldersLocked } from '../table/index.js';
import { type CompiledResource, type CompileOptions, compileTogether } from './compile/compile.js';
import { DeadLetters } from './dead-letters.js';
import { fingerprintOf } from './fingerprint.js';
import { OpenStates, stateLocks } from './incremental/open-states.js';
import { withMemoryAdvice } from './memory-advice.js';
import { notesOnOlderStage } from './older-stages.js';
import { makeFolder } from './out-folder.js';
import type { ResourcePlan } from './plan/plan.js';
import type { SinkPlan } from './plan/sink-plan.js';
import { knownTables } from './plan/table-names.js';
import { ResourceProgress } from './resource-progress.js';
import { notesOn, type RunNote } from './run-notes.js';
import { hasRange, memoryShares, named, type SourceRunOptions, selectedPlans } from './run-options.js';
import { dividedPath, tableFileOf } from './table-file.js';

export type { RunNote } from './run-notes.js';

/** What a run came to. */
export interface SourceRun {
  /**
   * The last receipt of each selected resource, by its name; of one whose rows name their tables that of each table, by `<resource>: <table>`.
   * Requests, retries, pages and rows in it are the resource's own.
   */
  readonly receipts: Readonly<Record<string, Receipt>>;
  /** What a person should look at although nothing failed, such as a table that is empty now. */
  readonly notes: readonly RunNote[];
}

/** Writes `<out>/<table>.<format>` for each of the resources. */
export async function runSource(compile: CompileOptions, options: SourceRunOptions): Promise<SourceRun> {
  const selected = selectedPlans(compile.plans, options);
  await makeFolder(options.out);
  // Also where the run neither reads nor changes them: it may publish what an earlier one has staged, and with it what that one came to.
  const configured = selected.map(({ name }) => named(compile.plans, name));
  const locks = stateLocks(configured.filter(isRemembered), options);
  return await withFoldersLocked(locks, () => runLocked(compile, selected, options), options.signal);
}

async function runLocked(
  compile: CompileOptions,
  selected: readonly ResourcePlan[],
  options: SourceRunOptions,
): Promise<SourceRun> {
  const { out, format, signal, onProgress, fullRefresh = false } = options;
  // What a cursor has come to is told by what is published.
  await placeAllComing(out);
  const states = await OpenStates.open(remembering(selected, options), { out, format, plans: compile.plans });
  const plans = compile.plans.map((plan) => selected.find(({ name }) => name === plan.name) ?? plan);
  const stored = (plan: ResourcePlan) => (fullRefresh ? undefined : states.stored(plan));
  const deadLetters = new DeadLetters(out);
  const leftOut: CompileOptions['leftOut'] = (plan, failure) => deadLetters.add(plan, failure);
  const replaced = await replacing(selected, options);
  const empties = ({ name }: ResourcePlan) => replaced.has(name);
  const resources = compileTogether(selected, { ...compile, plans, stored, empties, leftOut });
  const tables = resources.filter(({ plan }) => selected.includes(plan));
  const progress = new ResourceProgress(resources, onProgress);
  const before = [...states.unfit, ...(await notesOnOlderStage(selected, { out, format }))];
  for (const { resource, message } of before) onProgress?.(resource, { type: 'note', message });
  const anyLeftOut = () => resources.some(({ failures }) => failures.count > 0);
  try {
    const chains = tables.map((resource) => {
      const { baseUrl } = compile;
      // Of a full refresh, too, it stands for what was published when it began: when another run comes between, it is not gone on with.
      const fingerprint = fingerprintOf(resource.plan, { plans, baseUrl, start: states.stored(resource.plan) });
      return writing(resource, { states, fingerprint, plans, leftOut: anyLeftOut }, options);
    });
    const { highWaterMark } = memoryShares(options);
    const receipts = await run(chains, {
      ...(signal && { signal }),
      highWaterMark: { ...compile.highWaterMark, ...highWaterMark },
      onProgress: (event) => progress.take(event),
    });
    await states.commit();
    const written = tables.map((resource, index) => progress.own(resource, receipts[index]!));
    const notes = tables.flatMap((resource, index) => notesOn(resource, written[index]!));
    for (const { resource, message } of notes) onProgress?.(resource, { type: 'note', message });
    return {
      receipts: Object.fromEntries(written.flat()),
      notes: [...before, ...notes],
    };
  } catch (error) {
    throw withMemoryAdvice(error, options);
  } finally {
    progress.close();
    await states.idle();
  }
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
  { plan, rows, cursors, failures, tables }: CompiledResource,
  { states, fingerprint, plans, leftOut }: Circumstances,
  options: SourceRunOptions,
): Observable<Receipt> {
  const { out, limit, format, checkpoint = plan.sink.checkpoint, fullRefresh = false } = options;
  const partial = limit !== undefined || hasRange(options) || readsAPart(plan, plans);
  const some = limit === undefined ? rows : rows.pipe(keepsConfined(keepsPristine(take(limit))));
  const save = async (load: string) => {
    // What was left out is to be asked for again: only a cursor of each row of the parent may move then.
    if (failures.count > 0 && !plan.incremental?.perParent) await states.keep(plan);
    else await states.prepare(plan, { cursors, found: tables?.found ?? [] }, load);
  };
  const given = {
    fingerprint,
    partial: () => partial || leftOut(),
    ...(checkpoint && { checkpoint }),
  };
  const sinkOf = (table: string, sink: SinkPlan): OperatorFunction<Rows<Row>, Receipt> =>
    tableFileOf({ ...plan, table, sink }, { out, format }).sink({
      table,
      ...sink,
      ...memoryShares(options).sink,
      ...given,
      ...(fullRefresh && { refresh: true }),
    });
  if (tables === undefined)
    return some.pipe(
      keepsConfined(keepsPristine((pages) => withStateAfter(pages, save))),
      sinkOf(plan.table, plan.sink),
    );
  const division: Division<Row> = {
    ...given,
    name: plan.name,
    path: dividedPath(out, plan.name),
    tables: knownTables(plan),
    refreshes: fullRefresh,
    needsRows: plan.rowHints !== undefined,
    divide: (page) => tables.divide(page),
    sinkOf: (table) => sinkOf(table, tables.sinkOf(table)),
    remembered: (table) => tables.remembered(table),
    recall: (table, remembered) => tables.recall(table, remembered),
    forget: (table) => tables.forget(table),
  };
  return some.pipe(
    // Before the end is told all tables are known.
    keepsConfined(tap((page) => tables.divide(page))),
    keepsConfined((pages) => withStateAfter(pages, save)),
    dividedSink(division, { ...(checkpoint && { checkpoint }) }),
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
    for (const table of knownTables(plan)) {
      if ((await tableFileOf({ ...plan, table }, { out, format }).loads()).length > 0) names.add(plan.name);
    }
  }
  return names;
}

/** Those that remember how far they have come. */
function remembering(selected: readonly ResourcePlan[], options: SourceRunOptions): ResourcePlan[] {
  if (options.limit !== undefined || hasRange(options)) return [];
  return selected.filter(isRemembered);
}

/** A table that is replaced holds only what the run reads: it starts anew. */
function isRemembered({ incremental, sink }: ResourcePlan): boolean {
  return incremental !== undefined && incremental.endValue === undefined && sink.writeDisposition !== 'replace';
}
