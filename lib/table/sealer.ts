// Types the finished segments of a table's log while rows still come, one after the other and one at a time in the process: what is
// sealed by the end need not be read then. Only a help: a part that is missing, or whose types are no longer the final ones, is made
// again from its segment, and a run that goes on from an earlier one begins without any.
import { join } from 'node:path';
import type { Shape } from '../schema/index.js';
import { columnPolicy } from '../schema/index.js';
import { files, type Stage } from '../stage/index.js';
import type { SealedPart, SealRequest } from './engine.js';
import { ownColumns } from './merge-rules.js';
import { plan } from './plan.js';
import type { Target } from './publish-task.js';
import type { TableInfo } from './table-info.js';

export interface SealerOptions {
  readonly target: Target;
  readonly stage: Stage;
  /** What has been seen of the columns so far. */
  readonly shape: Shape;
}

/** Seals of one process follow each other: each takes the memory of an engine. */
let turn: Promise<unknown> = Promise.resolve();
/** The sealers of each run. */
const sealersOf = new WeakMap<Stage, Set<Sealer>>();
/** So many segments are sealed before it is another table's turn. */
const inOneTurn = 8;

export class Sealer {
  readonly #options: SealerOptions;
  readonly #controller = new AbortController();
  readonly #parts = new Map<string, SealedPart>();
  readonly #offered = new Set<string>();
  #waiting: string[] = [];
  #work: Promise<void> = Promise.resolve();
  #working = false;
  #ending = false;
  #previous: Promise<TableInfo | undefined> | undefined;

  constructor(options: SealerOptions) {
    this.#options = options;
    const { stage } = options;
    const together = sealersOf.get(stage) ?? new Set();
    sealersOf.set(stage, together.add(this));
  }

  /** Takes note of the segments that get no more rows. */
  offer(segments: readonly string[]): void {
    for (const segment of segments) {
      if (this.#offered.has(segment)) continue;
      this.#offered.add(segment);
      this.#waiting.push(segment);
    }
    if (this.#waiting.length > 0 && !this.#working) this.#takeTurn();
  }

  /** Whether there is a part, or one is being made. */
  get hasBegun(): boolean {
    return this.#working || this.#parts.size > 0;
  }

  /**
   * The parts by the paths of their segments, for the publish. Waits for the one that is being made, and begins no other, nor do the sealers of the
   * run's other tables: a publish takes the memory of an engine, too.
   */
  async parts(): Promise<ReadonlyMap<string, SealedPart>> {
    const together = [...(sealersOf.get(this.#options.stage) ?? [])];
    await Promise.all(together.map((sealer) => sealer.#end()));
    return this.#parts;
  }

  #end(): Promise<void> {
    this.#ending = true;
    return this.#work;
  }

  /** Gives up, and removes what was made: the next run does not know of it. Never fails. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#end();
    for (const { file } of this.#parts.values()) await files.rm(file, { force: true }).catch(() => undefined);
  }

  #takeTurn(): void {
    this.#working = true;
    this.#work = turn.then(
      () => this.#sealWaiting(),
      () => this.#sealWaiting(),
    );
    turn = this.#work;
  }

  async #sealWaiting(): Promise<void> {
    let left = inOneTurn;
    let made: SealRequest | undefined;
    const next = async (): Promise<SealRequest | undefined> => {
      if (made !== undefined) this.#parts.set(made.segment, { file: made.destination, columns: made.schema.columns });
      made = undefined;
      while (left > 0 && this.#waiting.length > 0 && !this.#ending) {
        left -= 1;
        made = await this.#request(this.#waiting.shift()!);
        if (made !== undefined) break;
      }
      return made;
    };
    try {
      const first = await next();
      if (first !== undefined) await this.#options.target.engine.seal?.(first, next);
    } catch {
      // Whatever is wrong comes up again when the segment is read at the end, and is an error then.
      if (made !== undefined) await files.rm(made.destination, { force: true }).catch(() => undefined);
    }
    this.#working = false;
    if (this.#waiting.length > 0 && !this.#ending) this.#takeTurn();
  }

  /** `undefined` for a segment of which no column has a type yet. */
  async #request(segment: string): Promise<SealRequest | undefined> {
    const { target, stage, shape } = this.#options;
    const { table, disposition, columns: policy = columnPolicy() } = target;
    this.#previous ??= target.inspect(target.path, stage.loadId);
    const previous = await this.#previous;
    const planned = plan({ table, disposition, policy, shape, previous, own: ownColumns(target) });
    // Of a column with nothing but NULL the type is not known yet: a part does without it.
    const schema = { columns: planned.schema.columns.filter(({ type }) => type.kind !== 'unknown') };
    if (schema.columns.length === 0) return undefined;
    return {
      table,
      schema,
      segment,
      longestLine: stage.table(table).longestLine,
      destination: `${segment}.parquet`,
      scratch: join(stage.folder, 'sealing'),
      signal: this.#controller.signal,
      ...(target.layout && { layout: target.layout }),
    };
  }
}
