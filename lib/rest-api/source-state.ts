// What a later run must know of a source's resources: shown, forgotten, or set to a value by a person.
import { OptionError } from '../core/index.js';
import { type CursorValue, cursorLike } from './incremental/cursor-value.js';
import type { StateFile } from './incremental/state-file.js';
import type { ResourcePlan } from './plan/plan.js';
import { named } from './run-options.js';
import type { TableFormat } from './table-format.js';

export interface SourceStateOptions {
  /** The folder of the tables. */
  readonly out: string;
  /** What the tables are written as. @default 'parquet' */
  readonly format?: TableFormat;
}

/** What is remembered of one resource. */
export interface RememberedCursor {
  readonly resource: string;
  readonly cursorPath: string;
  /** The furthest value so far, from which the next run goes on; `undefined`: the next run starts from the beginning. */
  readonly last: string | number | undefined;
  /** How many rows with that value are known, and will be dropped when they come again. */
  readonly rowsAtLast: number;
  /** How many rows of the parent have a value of their own, which is not shown. */
  readonly parents: number;
  /** Where it is kept. */
  readonly file: string;
}

/** The state of a source in one folder. While a run goes by it, or writes the tables that it belongs to, it is not changed: that is an error which names the run. */
export class SourceState {
  readonly #plans: readonly ResourcePlan[];
  readonly #options: SourceStateOptions;

  constructor(plans: readonly ResourcePlan[], options: SourceStateOptions) {
    this.#plans = plans;
    this.#options = options;
  }

  /** What is remembered of each resource that has a cursor. What a run that was killed was about to put in its place comes there first. @throws StateError */
  async show(): Promise<RememberedCursor[]> {
    await this.#placeComing();
    const shown: RememberedCursor[] = [];
    for (const { name, incremental } of this.#plans) {
      if (incremental === undefined || incremental.endValue !== undefined) continue;
      const file = await this.#open(name);
      const last = file.state?.last;
      shown.push({
        resource: name,
        cursorPath: incremental.cursorPath,
        last: typeof last === 'object' ? last.number : last,
        rowsAtLast: incremental.boundaryKey === undefined ? 0 : (file.state?.seen?.length ?? 0),
        parents: Object.keys(file.state?.parents ?? {}).length,
        file: file.path,
      });
    }
    return shown;
  }

  /**
   * Forgets what is remembered of a resource: the next run reads it from the beginning, and keeps the rows of its table as its write
   * disposition says.
   *
   * @throws StageError `ERR_STAGE_LOCKED` while a run is going on
   */
  async reset(resource: string): Promise<void> {
    this.#cursorOf(resource);
    // One that is damaged or of another version is forgotten, too.
    const { StateFile, stateName } = await states();
    await this.#locked(resource, () => StateFile.remove(this.#options.out, stateName(named(this.#plans, resource))));
  }

  /**
   * Makes the next run go on from a value: a number where the values are numbers.
   *
   * @returns the value as it is kept
   * @throws OptionError `ERR_INVALID_OPTION` for a resource that is not there or has no cursor; StageError `ERR_STAGE_LOCKED` while a run is
   * going on; StateError
   */
  async set(resource: string, value: string | number): Promise<string | number> {
    const { initialValue } = this.#cursorOf(resource);
    return await this.#locked(resource, async () => {
      const file = await this.#open(resource);
      const last: CursorValue = cursorLike(value, file.state?.last ?? initialValue);
      await file.set({ last, seen: [] });
      return typeof last === 'object' ? last.number : last;
    });
  }

  /**
   * The resources that go on from the same value, this one among them: what is forgotten or set for one is so for all of them.
   *
   * @throws OptionError `ERR_INVALID_OPTION` for a resource that is not there or has no cursor
   */
  sharing(resource: string): readonly string[] {
    const { sharedAs } = this.#cursorOf(resource);
    if (sharedAs === undefined) return [resource];
    return this.#plans.filter(({ incremental }) => incremental?.sharedAs === sharedAs).map(({ name }) => name);
  }

  async #open(resource: string): Promise<StateFile> {
    const { openState } = await states();
    return openState(named(this.#plans, resource), { ...this.#options, plans: this.#plans });
  }

  /** Does the work while no run writes the tables that the state belongs to. */
  async #locked<T>(resource: string, work: () => Promise<T>): Promise<T> {
    const [{ pathsOfState, stateLocks }, table] = await Promise.all([states(), import('../table/index.js')]);
    const plan = named(this.#plans, resource);
    const paths = pathsOfState(plan, { ...this.#options, plans: this.#plans });
    return await table.withFoldersLocked(stateLocks([plan], this.#options), async () => {
      await this.#placeComing();
      return await table.withTablesLocked(paths, work);
    });
  }

  /** What a cursor has come to is told by what is published. */
  async #placeComing(): Promise<void> {
    const { placeAllComing } = await import('../table/index.js');
    await placeAllComing(this.#options.out);
  }

  #cursorOf(resource: string) {
    const { incremental } = named(this.#plans, resource);
    if (incremental !== undefined && incremental.endValue === undefined) return incremental;
    const why = incremental === undefined ? 'has no "incremental"' : 'has an "end_value"';
    throw new OptionError('resource', `"${resource}" ${why}: nothing is remembered of it`);
  }
}

/** Loaded when they are asked for: they bring the sinks with them, which a program that only reads has no need of. */
async function states() {
  const [open, file] = await Promise.all([
    import('./incremental/open-states.js'),
    import('./incremental/state-file.js'),
  ]);
  return { ...open, ...file };
}
