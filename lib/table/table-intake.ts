// One table that rows are taken into: its logs, what types them meanwhile, and its publishing.
import type { Receipt, Rows } from '../core/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import { removeAbandoned } from './abandoned.js';
import { placeComing } from './coming-files.js';
import type { Circumstances, Destination, DestinationPlan } from './destination.js';
import { clearAbandoned } from './directory/placing.js';
import { nothingPublished } from './engine.js';
import type { Making } from './making.js';
import type { Pending } from './member.js';
import { leaveOut } from './overtaken.js';
import { prepareFamily } from './prepare-family.js';
import { isPartial, type PublishedTable, type Target } from './publish-task.js';
import { ruleNotes } from './rule-notes.js';
import { Sealer } from './sealer.js';
import type { Session } from './session.js';
import { refreshedBy, withStoredRules } from './stored-rules.js';
import { type Named, namedBy } from './table-clash.js';
import { TableLogs } from './table-logs.js';
import { writeError } from './write-error.js';

/** The destination of a source whose rows are those of one table. */
export function oneTable<T>(target: Target): DestinationPlan<T> {
  const plan: DestinationPlan<T> = {
    ...namedBy(target),
    ...makingOf(target),
    partial: () => target.partial(),
    open: (circumstances) => TableIntake.open<T>(target, { ...circumstances, owner: plan }),
  };
  return plan;
}

function makingOf({ fingerprint, refreshes }: Target): Pick<Making, 'fingerprint' | 'refreshes'> {
  return { fingerprint, refreshes };
}

export interface TableIntakeOptions extends Circumstances {
  /** What the session knows the table by. */
  readonly owner: Named;
  /** Holds how far the walks have come in place of the table's own log, which is dropped with it. */
  readonly lead?: TableLog;
}

export class TableIntake<T> implements Destination<T> {
  readonly target: Target;
  readonly #logs: TableLogs;
  readonly #session: Session;
  readonly #stage: Stage;
  readonly #started: number;
  readonly #sealer: Sealer | undefined;
  #receiptRows = -1;

  private constructor(target: Target, logs: TableLogs, { session, stage, started }: TableIntakeOptions) {
    this.target = target;
    this.#logs = logs;
    this.#session = session;
    this.#stage = stage;
    this.#started = started;
    if (target.engine.seal) {
      const sealer = new Sealer({ target, stage, shape: logs.encoder.shape });
      logs.log.onFinished = () => sealer.offer(stage.finishedSegments(target.table));
      this.#sealer = sealer;
    }
  }

  /** @throws SchemaError, TableError */
  static async open<T>(given: Target, options: TableIntakeOptions): Promise<TableIntake<T>> {
    const { session, stage, owner, lead } = options;
    const target = asStaged(given, stage);
    const { meter, clock } = session.flow;
    const claim = (child: string) => session.claim(child, owner);
    const now = () => clock.now();
    const report = (message: string): void => meter.report({ type: 'note', message });
    try {
      await placeComing(target.path, { ours: stage.earlierLoads, report });
      await clearAbandoned(target);
      if (stage.dropped !== undefined) await removeAbandoned(target, stage.dropped);
    } catch (error) {
      throw writeError(target.table, target.path, error);
    }
    const logs = await TableLogs.open({ target, stage, meter, now, claim, ...(lead && { lead }) });
    return new TableIntake<T>(target, logs, options);
  }

  get log(): TableLog {
    return this.#logs.log;
  }

  get tables(): readonly string[] {
    return [this.target.table];
  }

  get targets(): readonly Target[] {
    return [this.target];
  }

  get full(): boolean {
    return this.#logs.full;
  }

  get takesAgain(): boolean {
    return this.target.disposition === 'merge';
  }

  drained(): Promise<void> {
    return this.#logs.drained();
  }

  open(): undefined {
    return undefined;
  }

  write(page: Rows<T>): void {
    this.encode(page)();
  }

  /** As `write`, in two steps: what it returns does not fail. */
  encode(page: Rows<T>): () => void {
    const write = this.#logs.encode(page);
    return () => this.#session.flow.meter.report({ type: 'rows', table: this.target.table, ...write() });
  }

  allCame(): void {
    // Of a log that has one segment the engine makes rows of their final types at once.
    if (this.#sealer?.hasBegun) this.log.endSegment();
  }

  committed(): readonly Receipt[] {
    const { log } = this;
    if (log.committedRows === this.#receiptRows) return [];
    this.#receiptRows = log.committedRows;
    const { table } = this.target;
    this.#sealer?.offer(this.#stage.finishedSegments(table));
    this.#session.flow.meter.report({ type: 'commit', table, rows: log.committedRows });
    return [this.#receipt(log.committedRows)];
  }

  async prepare(signal: AbortSignal): Promise<Pending> {
    const { meter } = this.#session.flow;
    const stage = this.#stage;
    const { target } = this;
    const { table } = target;
    meter.report({ type: 'publish', table, step: 'started' });
    if (target.deleteMissing !== 'keep' && isPartial(stage, table)) {
      const message = `No row of the table "${table}" was taken for missing, since only a part of the rows was read, or some were discarded.`;
      meter.report({ type: 'note', message });
    }
    const parts = await this.#sealer?.parts();
    const options = { signal, ...(parts && { parts }) };
    const pending = await (this.#leavesOut() ? leaveOut : prepareFamily)(target, this.#logs.encoder, stage, options);
    return {
      ...pending,
      finish: async () => {
        const { children = [], ...result } = await pending.finish();
        for (const message of ruleNotes(target, result.schema, result.schemaChanges)) {
          meter.report({ type: 'note', message });
        }
        meter.report({ type: 'publish', table, step: 'finished' });
        const ofChildren = children.map((child) => this.#published(stage.table(child.table), child.table, child));
        return {
          ...this.#published(stage.table(table), table, result),
          ...(ofChildren.length > 0 && { children: ofChildren }),
        };
      },
    };
  }

  /**
   * Whether nothing is to be published, since a run that came between has: its rows are newer, and what a cursor reads it has read, too. Where all is
   * appended that there is, each run adds its own.
   */
  #leavesOut(): boolean {
    const { table, disposition } = this.target;
    const { overtakenBy } = this.#logs;
    if (overtakenBy === undefined || (disposition === 'append' && !this.#stage.isPartial(table))) return false;
    const message =
      `The run ${overtakenBy} has published in "${table}" since the rows of the run ${this.#stage.loadId} were read: these are left out, ` +
      'and what is not in the table comes with the next run.';
    this.#session.flow.meter.report({ type: 'note', message });
    return true;
  }

  warmUp(): void {
    this.target.engine.warmUp?.();
  }

  async idle(): Promise<void> {
    await this.#sealer?.stop();
  }

  #published(log: TableLog, table: string, { counts, files, bytes, schema, schemaChanges }: PublishedTable): Receipt {
    const { written: _, ...rows } = counts;
    const result = { ...rows, files, bytes, schema, schemaChanges };
    return { ...this.#receipt(log.rows, log), ...result, table, published: true };
  }

  #receipt(rows: number, log = this.log): Receipt {
    return {
      ...emptyReceipt(this.target.table, { session: this.#session, stage: this.#stage, started: this.#started }),
      rows,
      positions: log.committedPositions,
      discarded: log.discarded,
    };
  }
}

/**
 * A table whose rows have all come is published by the rules that they came under, where they are those of a full refresh, or where a part of the load
 * may be in its place. Else those of today count.
 */
function asStaged(target: Target, stage: Stage): Target {
  const { rules } = stage.table(target.table).making;
  if (rules === undefined || !stage.isComplete(target.table)) return target;
  return stage.isBegun || refreshedBy(rules) ? withStoredRules(target, rules) : target;
}

/** The receipt of a table of which nothing is published yet. */
export function emptyReceipt(table: string, { session, stage, started }: Circumstances): Receipt {
  const { meter } = session.flow;
  return {
    table,
    published: false,
    loadId: stage.loadId,
    rows: 0,
    ...nothingPublished,
    files: [],
    bytes: 0,
    schema: [],
    schemaChanges: [],
    positions: [],
    counts: meter.counts,
    notes: meter.notes,
    seconds: (performance.now() - started) / 1000,
  };
}
