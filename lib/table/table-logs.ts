// The logs of a table, its child tables and its dead letters, and what fills them: all are committed together.
import type { Meter, Rows } from '../core/index.js';
import {
  childNames,
  type DeadLetter,
  deadLetterLine,
  type EncodedRows,
  type RowIssue,
  type TableEncoder,
} from '../schema/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import { deadLettersLog } from './dead-letters.js';
import { slotOf } from './directory/time-slots.js';
import { dropUnfit } from './making.js';
import { openEncoder } from './open-encoder.js';
import { overtakenBy, publishedLoad } from './overtaken.js';
import type { Target } from './publish-task.js';
import { storedRules } from './stored-rules.js';

export interface TableLogsOptions {
  readonly target: Target;
  readonly stage: Stage;
  readonly meter: Meter;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Is told of each child table. @throws TableError when another table of the run is called so */
  readonly claim: (child: string) => void;
  /** The log that holds how far the walks have come, and how the rows are made. @default the table's own */
  readonly lead?: TableLog;
}

/** How many rows of a page the table itself got, and their bytes. */
export interface Written {
  readonly rows: number;
  readonly bytes: number;
}

export class TableLogs {
  readonly encoder: TableEncoder;
  /** Of the table itself. */
  readonly log: TableLog;
  /** The load that another run has published since the rows began to be staged, which had all come when this run began; `undefined` when none was. */
  readonly overtakenBy: string | undefined;
  readonly #options: TableLogsOptions;
  readonly #deadLetters: TableLog | undefined;
  /** All but the table's own. */
  readonly #others = new Set<TableLog>();

  private constructor(
    options: TableLogsOptions,
    { encoder, log, overtakenBy }: Pick<TableLogs, 'encoder' | 'log' | 'overtakenBy'>,
  ) {
    const { stage, target } = options;
    this.#options = options;
    this.encoder = encoder;
    this.log = log;
    this.overtakenBy = overtakenBy;
    if (target.deadLetters !== undefined) this.#deadLetters = this.#follow(stage.table(deadLettersLog(target.table)));
    options.lead?.followedBy(log);
    log.shapeSource = { version: () => encoder.version, json: () => encoder.toJSON() };
  }

  /** Goes on from what was staged before, unless that does not fit any more. @throws SchemaError, TableError */
  static async open(options: TableLogsOptions): Promise<TableLogs> {
    const { target, stage, meter, lead } = options;
    const log = recoveredLog(stage, target.table);
    const previous = await target.inspect(target.path, stage.loadId);
    const other = overtakenBy(log.making, previous, stage.loadId);
    // Without the page that they came with the rows of one table alone would not come again.
    const isComplete = stage.isComplete(target.table);
    if (lead === undefined && !isComplete) dropUnfit(log, { ...target, rows: log.rows, overtakenBy: other, meter });
    if (!isComplete) {
      log.making.rules = storedRules(target);
      if (log.rows === 0 || log.making.base === undefined) log.making.base = publishedLoad(previous);
    }
    const encoder = await openEncoder(target, stage, previous);
    return new TableLogs(options, { encoder, log, overtakenBy: isComplete ? other : undefined });
  }

  /** Whether so much waits to be written that no more should be taken in before `drained`. */
  get full(): boolean {
    if (this.log.full) return true;
    for (const log of this.#others) if (log.full) return true;
    return false;
  }

  /** Resolves when there is room again. Rejects when writing failed. */
  async drained(): Promise<void> {
    await this.log.drained();
    for (const log of this.#others) await log.drained();
  }

  /** Encodes the rows of a page, which fails when one of them cannot be in the table. What it returns writes them. */
  encode<T>({ rows, position, raw }: Rows<T>): () => Written {
    const { page } = position;
    const members = this.#members(page);
    const encoded = this.encoder.encode(rows, {
      page,
      before: this.log.rows,
      ...(raw && { raw }),
      ...(members !== undefined && { members }),
    });
    const { chunk, longestLine, children } = encoded;
    // Before anything is written: a page must not be in without its child rows.
    for (const { table } of children ?? []) this.#options.claim(table);
    return () => {
      const lines = { data: chunk, rows: encoded.rows, longestLine };
      if (this.#options.lead === undefined) this.log.append(position, lines);
      else this.log.appendLines(lines);
      if (encoded.issues.length > 0) this.#leaveOut(this.log, this.#options.target.table, encoded, { rows, position });
      if (children !== undefined) this.#writeChildren(children, { rows, position });
      return { rows: encoded.rows, bytes: chunk.length };
    };
  }

  #writeChildren(children: NonNullable<EncodedRows['children']>, page: PageOfLetters): void {
    for (const child of children) {
      const log = this.#follow(this.#options.stage.table(child.table));
      log.appendLines({ data: child.chunk, rows: child.rows, longestLine: child.longestLine });
      if (child.issues.length > 0) this.#leaveOut(log, child.table, child, page);
    }
  }

  #leaveOut(
    log: TableLog,
    table: string,
    { issues, discarded }: { readonly issues: readonly RowIssue[]; readonly discarded: readonly DeadLetter[] },
    { rows, position: { walk } }: PageOfLetters,
  ): void {
    const ofValues = issues.filter(({ action }) => action === 'value discarded');
    log.addDiscarded(discarded.length, ofValues.length);
    if (this.#deadLetters === undefined) return;
    const { loadId } = this.#options.stage;
    const letters = [...discarded, ...withoutValues(ofValues, discarded, rows)];
    const lines = letters.map((letter) => deadLetterLine(letter, { loadId, table, walk }));
    this.#deadLetters.appendLines({ data: Buffer.from(lines.join('')), rows: lines.length, longestLine: 0 });
  }

  /** What is dropped of the table is dropped of the other, too. */
  #follow(other: TableLog): TableLog {
    this.#others.add(other);
    this.log.followedBy(other);
    return other;
  }

  /** The members that say where the rows of a page come from. */
  #members(page: number): string | undefined {
    const { target, stage, now } = this.#options;
    const metadata = target.columns?.metadata;
    const seconds = target.directory?.engine.seconds;
    const loadedAt = now();
    const members = [
      ...(metadata && metadata.columns.length > 0 ? [metadata.members({ loadId: stage.loadId, loadedAt, page })] : []),
      ...(seconds === undefined ? [] : [slotOf(loadedAt, seconds)]),
    ];
    return members.length === 0 ? undefined : members.join(',');
  }
}

/** What came with a page. */
type PageOfLetters = Pick<Rows<unknown>, 'rows' | 'position'>;

/** The rows that are kept without some of their values. */
function withoutValues(
  issues: readonly RowIssue[],
  discarded: readonly DeadLetter[],
  rows: readonly unknown[],
): readonly DeadLetter[] {
  const told = new Set(discarded.flatMap((letter) => letter.issues));
  const letters = new Map<number, DeadLetter & { readonly issues: RowIssue[] }>();
  for (const issue of issues) {
    if (told.has(issue)) continue;
    const { origin } = issue;
    const letter = letters.get(origin.index);
    if (letter === undefined) letters.set(origin.index, { row: rows[origin.index], origin, issues: [issue] });
    else letter.issues.push(issue);
  }
  return [...letters.values()];
}

/** The log of a table, whose child tables and dead letters of an earlier run are dropped with it. */
export function recoveredLog(stage: Stage, table: string): TableLog {
  const log = stage.table(table);
  for (const child of childNames(log.recoveredShape)) log.followedBy(stage.table(child.table));
  log.followedBy(stage.table(deadLettersLog(table)));
  return log;
}
