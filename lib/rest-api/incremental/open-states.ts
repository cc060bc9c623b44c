// The states of a source's cursors in one folder: one for each resource, and one for those that share theirs.
import { inTurn } from '../../core/index.js';
import type { ResourcePlan } from '../plan/plan.js';
import { knownTables } from '../plan/table-names.js';
import { dividedPath, type TableFile, tableFileOf } from '../table-file.js';
import type { TableFormat } from '../table-format.js';
import { type Cursors, type CursorsState, furtherState } from './cursors.js';
import { StateFile, stateLock } from './state-file.js';
import { cursorKind } from './state-text.js';

export interface StatesOptions {
  /** The folder of the tables. */
  readonly out: string;
  readonly format?: TableFormat | undefined;
}

/** The name that the state of a resource is kept under. */
export function stateName({ name, incremental }: ResourcePlan): string {
  return incremental?.sharedAs === undefined ? name : `shared ${incremental.sharedAs}`;
}

/** Opens the state of a resource, which others of `plans` may share. @throws StateError */
export async function openState(
  plan: ResourcePlan,
  { plans, ...options }: StatesOptions & { readonly plans: readonly ResourcePlan[] },
): Promise<StateFile> {
  return StateFile.open({
    out: options.out,
    resource: stateName(plan),
    table: { loads: (found) => loadsOf(tablesOfState(plan, { plans, ...options }, found)) },
    cursor: cursorKind(plan.incremental!),
  });
}

/**
 * The folders whose locks a run holds from before it reads the states of resources until it has noted in them what it has published. A run that came
 * between would be one whose rows are read a second time. Those that share a state share its lock, also where their tables are others.
 */
export function stateLocks(plans: readonly ResourcePlan[], { out }: StatesOptions): string[] {
  return [...new Set(plans.map((plan) => stateLock(out, stateName(plan))))];
}

/** What a run locks that changes the state: the paths of its tables, or that which stands for tables that are named by row. */
export function pathsOfState(
  plan: ResourcePlan,
  { plans, ...options }: StatesOptions & { readonly plans: readonly ResourcePlan[] },
): string[] {
  const sharing = plans.filter((each) => stateName(each) === stateName(plan));
  return sharing.flatMap((each) => [
    ...tablesOf(each, options, []).map(({ path }) => path),
    ...(each.split === undefined ? [] : [dividedPath(options.out, each.name)]),
  ]);
}

/**
 * The tables that the state of a resource belongs to: its own, and those of resources that share it.
 * @param found What the state says of tables that are named by row.
 */
function tablesOfState(
  plan: ResourcePlan,
  { plans, ...options }: StatesOptions & { readonly plans: readonly ResourcePlan[] },
  found: readonly string[],
): TableFile[] {
  const sharing = plans.filter((each) => stateName(each) === stateName(plan));
  return sharing.flatMap((each) => tablesOf(each, options, found));
}

function tablesOf(plan: ResourcePlan, options: StatesOptions, found: readonly string[]): TableFile[] {
  const names = new Set([...knownTables(plan), ...(plan.split === undefined ? [] : found)]);
  return [...names].map((table) => tableFileOf({ ...plan, table }, options));
}

/** What has been applied to any of the tables: they are published together. */
async function loadsOf(tables: readonly TableFile[]): Promise<readonly string[]> {
  return (await Promise.all(tables.map((table) => table.loads()))).flat();
}

/** The states of one run. */
export class OpenStates {
  readonly #files = new Map<string, StateFile>();
  readonly #members = new Map<string, ResourcePlan[]>();
  /** States that are not to change in this run. */
  readonly #kept = new Set<string>();
  readonly #reached = new Map<string, CursorsState | undefined>();
  /** Resources whose table is gone: they are read anew, also when they share a state with others. */
  readonly #anew = new Set<string>();

  /** @param selected the resources of the run that remember something */
  static async open(
    selected: readonly ResourcePlan[],
    options: StatesOptions & { readonly plans: readonly ResourcePlan[] },
  ): Promise<OpenStates> {
    const states = new OpenStates();
    for (const plan of selected) {
      const name = stateName(plan);
      if (!states.#files.has(name)) states.#files.set(name, await openState(plan, options));
      states.#members.set(name, [...(states.#members.get(name) ?? []), plan]);
      const isShared = plan.incremental?.sharedAs !== undefined;
      const { tables: found } = states.#files.get(name)!;
      if (isShared && (await loadsOf(tablesOf(plan, options, found))).length === 0) states.#anew.add(plan.name);
    }
    return states;
  }

  /** What is remembered of a resource. */
  stored(plan: ResourcePlan): CursorsState | undefined {
    const file = this.#files.get(stateName(plan));
    return this.#anew.has(plan.name) && !file?.isGiven ? undefined : file?.state;
  }

  /**
   * Makes safe what a resource has come to, before its table is published.
   * @param found The tables that rows have come of, where they are named by row.
   */
  prepare(
    plan: ResourcePlan,
    { cursors, found }: { readonly cursors: Cursors | undefined; readonly found: readonly string[] },
    load: string,
  ): Promise<void> {
    return this.#inTurn(plan, async (file, name) => {
      if (plan.incremental === undefined || this.#kept.has(name)) return;
      const reached = furtherState(this.#reached.get(name), cursors?.state, plan.incremental);
      this.#reached.set(name, reached);
      await file.prepare(reached, load, found);
    });
  }

  /** Leaves the state of a resource, and of those that share it, as it is: it has not read all that it was to read. */
  keep(plan: ResourcePlan): Promise<void> {
    return this.#inTurn(plan, async (file, name) => {
      this.#kept.add(name);
      await file.withdraw();
    });
  }

  /** Resources that share a file write it one after the other. */
  #inTurn(plan: ResourcePlan, work: (file: StateFile, name: string) => Promise<void>): Promise<void> {
    const name = stateName(plan);
    const file = this.#files.get(name);
    if (file === undefined) return Promise.resolve();
    return inTurn(file.path, () => work(file, name));
  }

  /** Resolves when nothing writes a file any more, also of a run that was stopped. Never fails. */
  async idle(): Promise<void> {
    for (const { path } of this.#files.values()) await inTurn(path, async () => undefined);
  }

  /** What of the files does not fit the configuration any more, by resource. */
  get unfit(): { readonly resource: string; readonly message: string }[] {
    return [...this.#files].flatMap(([name, { unfit }]) =>
      unfit === undefined ? [] : this.#members.get(name)!.map((plan) => ({ resource: plan.name, message: unfit })),
    );
  }

  /** The tables are published. */
  async commit(): Promise<void> {
    for (const file of this.#files.values()) await file.commit();
  }
}
