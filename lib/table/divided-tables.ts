// Several tables among which the rows of one source are divided. They are found as rows come: a log of its own holds their names and how
// far the walks have come, and each commit covers it together with the logs of all of them.
import { filesOfAll, type Json, OptionError, type Receipt, type Rows } from '../core/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import { removeAbandoned } from './abandoned.js';
import type { ComingTable } from './coming-files.js';
import type { Circumstances, Destination, DestinationPlan } from './destination.js';
import type { ManifestEntry } from './directory/manifest.js';
import type { Division } from './division.js';
import { hasLoad } from './interrupted-publish.js';
import { dropUnfit } from './making.js';
import type { Pending } from './member.js';
import { overtakenBy } from './overtaken.js';
import type { Target } from './publish-task.js';
import { targetOf } from './sink.js';
import { namedBy } from './table-clash.js';
import { emptyReceipt, TableIntake } from './table-intake.js';
import { recoveredLog } from './table-logs.js';
import { warmUpSoon } from './warm-up.js';

/** The destination of a source whose rows are divided. */
export function dividedTables<T>(division: Division<T>): DestinationPlan<T> {
  return {
    table: leadLog(division.name),
    path: division.path,
    fingerprint: division.fingerprint,
    refreshes: division.refreshes,
    partial: () => division.partial?.() ?? false,
    open: (circumstances) => DividedTables.open(division, circumstances),
  };
}

/** No table is called so. */
function leadLog(name: string): string {
  return `${name}\n(divided)`;
}

class DividedTables<T> implements Destination<T> {
  readonly log: TableLog;
  readonly #division: Division<T>;
  readonly #circumstances: Circumstances;
  readonly #open = new Map<string, TableIntake<T>>();
  /** Whether there was time to load the engine, and no table yet to say which. */
  #isCold = false;
  /** What is to be known again of those that rows have come of. */
  readonly #remembered = new Map<string, Json>();

  private constructor(division: Division<T>, circumstances: Circumstances, log: TableLog) {
    this.log = log;
    this.#division = division;
    this.#circumstances = circumstances;
    log.tellsOfOthers = true;
    log.shapeSource = {
      version: () => this.#remembered.size,
      json: () => Object.fromEntries(this.#remembered),
    };
  }

  static async open<T>(division: Division<T>, circumstances: Circumstances): Promise<DividedTables<T>> {
    const { stage, session } = circumstances;
    const log = stage.table(leadLog(division.name));
    const staged = Object.keys(recalled(log)).map((table) => recoveredLog(stage, table));
    for (const each of staged) log.followedBy(each);
    const rows = staged.reduce((sum, each) => sum + each.rows, 0);
    const { name: table, fingerprint, refreshes = false } = division;
    const before = recalled(log);
    for (const [name, remembered] of Object.entries(before)) division.recall(name, remembered);
    if (!stage.isComplete(leadLog(table))) {
      const other = await overtaken(division, stage, Object.keys(recalled(log)));
      dropUnfit(log, { table, fingerprint, refreshes, rows, overtakenBy: other, meter: session.flow.meter });
      log.making.rules = { refreshes };
      for (const name of Object.keys(before)) if (!(name in recalled(log))) division.forget(name);
    }
    const tables = new DividedTables(division, circumstances, log);
    for (const [table, remembered] of Object.entries(recalled(log))) {
      // The next commit says what is to be known of all, not only of those that more rows come of.
      tables.#remembered.set(table, remembered);
      await tables.#openTable(table);
    }
    if (!division.needsRows) await tables.#openNamed();
    return tables;
  }

  get tables(): readonly string[] {
    return [leadLog(this.#division.name), ...new Set([...this.#division.tables, ...this.#open.keys()])];
  }

  get targets(): readonly Target[] {
    return [...this.#open.values()].map(({ target }) => target);
  }

  get full(): boolean {
    for (const table of this.#open.values()) if (table.full) return true;
    return this.log.full;
  }

  get takesAgain(): boolean {
    return [...this.#open.values()].every(({ takesAgain }) => takesAgain);
  }

  async drained(): Promise<void> {
    await this.log.drained();
    for (const table of this.#open.values()) await table.drained();
  }

  open(pages: readonly Rows<T>[]): Promise<void> | undefined {
    const needed = new Set(pages.flatMap((page) => [...this.#division.divide(page).keys()]));
    const missing = [...needed].filter((table) => !this.#open.has(table));
    return missing.length === 0 ? undefined : this.#openAll(missing);
  }

  write({ raw: _, ...page }: Rows<T>): void {
    const divided = this.#division.divide(page);
    // All before any is written: a page must not be in for one table, and not for another.
    const writes = [...divided].map(([table, rows]) => this.#open.get(table)!.encode({ ...page, rows }));
    this.log.append(page.position, { data: new Uint8Array(), rows: 0, longestLine: 0 });
    for (const write of writes) write();
    for (const table of divided.keys()) {
      if (!this.#remembered.has(table)) this.#remembered.set(table, this.#division.remembered(table));
    }
  }

  committed(): readonly Receipt[] {
    return [...this.#open.values()].flatMap((table) => table.committed());
  }

  async prepare(signal: AbortSignal): Promise<Pending> {
    await this.#openNamed();
    const published = await this.#published();
    const pending: Pending[] = [];
    const discard = async (): Promise<void> => {
      for (const each of pending) await each.discard();
    };
    try {
      for (const table of published) pending.push(await table.prepare(signal));
    } catch (error) {
      await discard();
      throw error;
    }
    const others = [...this.#open.values()].filter((table) => !published.includes(table));
    return {
      isSettled: pending.every(({ isSettled }) => isSettled),
      settled: [...pending.flatMap(({ settled }) => settled), ...others.flatMap(({ tables }) => tables)],
      manifest: pending.flatMap(({ manifest }): ManifestEntry | readonly ManifestEntry[] => manifest ?? []),
      coming: pending.flatMap(({ coming }): ComingTable | readonly ComingTable[] => coming ?? []),
      place: async () => {
        for (const each of pending) await each.place();
      },
      finish: async () => {
        const receipts: Receipt[] = [];
        for (const each of pending) receipts.push(await each.finish());
        return this.#together(receipts);
      },
      discard,
    };
  }

  warmUp(): void {
    const [first] = this.#open.values();
    if (first === undefined) this.#isCold = true;
    else first.warmUp();
  }

  async idle(): Promise<void> {
    for (const table of this.#open.values()) await table.idle();
  }

  /** Those that are named beforehand, and those that rows have come of. What only rows would have come of that were dropped is none. */
  async #published(): Promise<TableIntake<T>[]> {
    const published = new Set(this.#division.tables.map((table) => this.#open.get(table)!));
    for (const table of this.#open.values()) {
      const hasRows = table.log.rows > 0 || table.log.discarded.rows > 0;
      if (hasRows || published.has(table) || (await this.#isLeft(table))) published.add(table);
    }
    return [...published];
  }

  /** Whether a run that died has published a table, of which this one has no rows. Where it has not, what it has left of it is removed. */
  async #isLeft({ target }: TableIntake<T>): Promise<boolean> {
    const { stage } = this.#circumstances;
    if (!stage.isKnown) return false;
    if (await hasLoad(target, stage.loadId)) return true;
    await removeAbandoned(target, stage.loadId);
    return false;
  }

  #openNamed(): Promise<void> {
    return this.#openAll(this.#division.tables.filter((table) => !this.#open.has(table)));
  }

  async #openAll(tables: readonly string[]): Promise<void> {
    for (const table of tables) await this.#openTable(table);
  }

  async #openTable(table: string): Promise<void> {
    const target = targetOf(this.#division.sinkOf(table));
    if (target === undefined) throw new OptionError('sinkOf', `gives no sink of a table for "${table}"`);
    const owner = { ...namedBy(target), table };
    await this.#circumstances.session.admit(owner);
    const options = { ...this.#circumstances, owner, lead: this.log };
    const intake = await TableIntake.open<T>(target, options);
    this.#open.set(table, intake);
    if (this.#isCold) warmUpSoon(intake);
    this.#isCold = false;
  }

  #together(receipts: readonly Receipt[]): Receipt {
    const sum = (of: (receipt: Receipt) => number) => receipts.reduce((all, receipt) => all + of(receipt), 0);
    const counted = ['rows', 'inserted', 'updated', 'unchanged', 'duplicates', 'deleted', 'softDeleted'] as const;
    const more = ['retired', 'skipped', 'total'] as const;
    return {
      ...emptyReceipt(this.#division.name, this.#circumstances),
      ...Object.fromEntries([...counted, ...more].map((name) => [name, sum((receipt) => receipt[name])])),
      published: true,
      discarded: {
        rows: sum(({ discarded }) => discarded?.rows ?? 0),
        values: sum(({ discarded }) => discarded?.values ?? 0),
      },
      ...filesOfAll(receipts),
      positions: this.log.committedPositions,
      receipts,
    };
  }
}

/** The load of a run that has published in one of the tables since rows were staged for it, over which these must not come. */
async function overtaken<T>(
  division: Division<T>,
  stage: Stage,
  tables: readonly string[],
): Promise<string | undefined> {
  for (const table of tables) {
    const target = targetOf(division.sinkOf(table));
    if (target === undefined || target.disposition === 'append') continue;
    const info = await target.inspect(target.path, stage.loadId);
    const other = overtakenBy(stage.table(table).making, info, stage.loadId);
    if (other !== undefined) return other;
  }
  return undefined;
}

/** What an earlier run has remembered of each table. */
function recalled(log: TableLog): Readonly<Record<string, Json>> {
  return (log.recoveredShape ?? {}) as Readonly<Record<string, Json>>;
}
