// The states of a source's cursors in one folder: one for each resource, and one for those that share theirs.
import { inTurn } from '../../core/index.js';
import type { ResourcePlan } from '../plan/plan.js';
import { tablePlans } from '../plan/table-names.js';
import { type TableFile, tableFileOf } from '../table-file.js';
import type { TableFormat } from '../table-format.js';
import { type Cursors, type CursorsState, furtherState } from './cursors.js';
import { StateFile, type StateTable } from './state-file.js';
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
  const tables = tablesOfState(plan, { plans, ...options });
  return StateFile.open({
    out: options.out,
    resource: stateName(plan),
    table: together(tables),
    cursor: cursorKind(plan.incremental!),
  });
}

/** The tables that the state of a resource belongs to: its own, and those of resources that share it. */
export function tablesOfState(
  plan: ResourcePlan,
  { plans, ...options }: StatesOptions & { readonly plans: readonly ResourcePlan[] },
): TableFile[] {
  return tablePlans(plans)
    .filter((each) => stateName(each) === stateName(plan))
    .map((each) => tableFileOf(each, options));
}

/** What has been applied to any of the tables: they are published together. */
function together(tables: readonly StateTable[]): StateTable {
  return {
    async loads() {
      return (await Promise.all(tables.map((table) => table.loads()))).flat();
    },
  };
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
      if (isShared && (await tableFileOf(plan, options).loads()).length === 0) states.#anew.add(plan.name);
    }
    return states;
  }

  /** What is remembered of a resource. */
  stored(plan: ResourcePlan): CursorsState | undefined {
    const file = this.#files.get(stateName(plan));
    return this.#anew.has(plan.name) && !file?.isGiven ? undefined : file?.state;
  }

  /** Makes safe what a resource has come to, before its table is published. */
  prepare(plan: ResourcePlan, cursors: Cursors | undefined, load: string): Promise<void> {
    return this.#inTurn(plan, async (file, name) => {
      if (plan.incremental === undefined || this.#kept.has(name)) return;
      const reached = furtherState(this.#reached.get(name), cursors?.state, plan.incremental);
      this.#reached.set(name, reached);
      await file.prepare(reached, load);
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
