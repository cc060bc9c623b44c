// What a later run must know of a resource's cursor, in a file beside the tables; never ahead of the table that it belongs to.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SluiceError } from '../../core/index.js';
import { adviceFor, files, writeDurably } from '../../stage/index.js';
import { fileNameOf } from '../file-name.js';
import type { CursorsState } from './cursors.js';
import {
  type CursorKind,
  decodeState,
  encodeState,
  type PendingState,
  type StateText,
  stateVersion,
} from './state-text.js';

export type StateErrorCode = 'ERR_STATE_CORRUPT' | 'ERR_STATE_VERSION' | 'ERR_STATE_IO';

/** A state file that cannot be used. Codes: `ERR_STATE_CORRUPT`, `ERR_STATE_VERSION`, `ERR_STATE_IO`. */
export class StateError extends SluiceError {
  override readonly name = 'StateError';
  readonly file: string;

  constructor(code: StateErrorCode, file: string, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    this.file = file;
  }
}

/** The table that a state belongs to. */
export interface StateTable {
  /**
   * The loads that have been applied to it, the latest first; none when it is not there.
   * @param found Tables that the state is also one of, since rows of theirs came.
   */
  loads(found: readonly string[]): Promise<readonly string[]>;
}

export interface StateFileOptions {
  /** The folder of the tables. */
  readonly out: string;
  readonly resource: string;
  readonly table: StateTable;
  /** What the resource goes by now. */
  readonly cursor: CursorKind;
}

/** The state of one resource. */
export class StateFile {
  readonly path: string;
  /** What of the file does not fit the configuration any more, and is left out; `undefined` when all fits. */
  readonly unfit: string | undefined;
  readonly #cursor: CursorKind;
  #content: StateText;
  /** Whether the file says less than what is known: its table was published, and the run died before it noted that here. */
  #isBehind: boolean;

  private constructor(
    path: string,
    cursor: CursorKind,
    content: StateText,
    { unfit, isBehind }: { readonly unfit: string | undefined; readonly isBehind: boolean },
  ) {
    this.path = path;
    this.#cursor = cursor;
    this.#content = content;
    this.unfit = unfit;
    this.#isBehind = isBehind;
  }

  /**
   * Reads the state of a resource. A state that was written for a publish that never came counts for nothing, nor does one of another
   * cursor.
   *
   * @throws StateError
   */
  static async open({ out, resource, table, cursor }: StateFileOptions): Promise<StateFile> {
    const path = pathOf(out, resource);
    const found = await read(path);
    const unfit = found.cursor && unfitness(resource, found.cursor, cursor);
    const { tables } = found;
    const loads = await table.loads(tables ?? []);
    const { state, pending, earlier = [], given } = unfit === undefined ? found : {};
    const waiting = [...earlier, ...(pending ? [pending] : [])];
    const published = waiting.findLast((one) =>
      'load' in one ? loads.includes(one.load) : one.after !== (loads[0] ?? null),
    );
    // Without its table a state would hide the rows that are to be read anew.
    const current = loads.length === 0 ? undefined : (published?.state ?? state);
    const content = {
      ...(current && { state: current }),
      ...(given && !published && { given }),
      ...(!published && earlierOf(waiting)),
      ...(tables && { tables }),
    };
    return new StateFile(path, cursor, content, { unfit, isBehind: published !== undefined && current !== undefined });
  }

  get state(): CursorsState | undefined {
    return this.#content.given ?? this.#content.state;
  }

  /** The tables that rows have come of, where they are named by row. */
  get tables(): readonly string[] {
    return this.#content.tables ?? [];
  }

  /** Whether the state was set by a person. */
  get isGiven(): boolean {
    return this.#content.given !== undefined;
  }

  /** The state from which the next run is to go on, whatever the last one came to. */
  async set(state: CursorsState): Promise<void> {
    await this.#write({ given: state, ...this.#named() });
  }

  /**
   * Before the table is published by a load.
   * @param found The tables that rows have come of, where they are named by row.
   */
  async prepare(state: CursorsState | undefined, load: string, found: readonly string[] = []): Promise<void> {
    if (state === undefined) return;
    const tables = [...new Set([...this.tables, ...found])];
    const { earlier = [], ...content } = this.#content;
    const others = earlierOf(earlier.filter((one) => one.load !== load));
    await this.#write({ ...content, ...others, pending: { state, load }, ...(tables.length > 0 && { tables }) });
  }

  /** Takes back what was prepared. */
  async withdraw(): Promise<void> {
    const { pending, ...rest } = this.#content;
    if (pending !== undefined) await this.#write(rest);
  }

  /** When the table is published. */
  async commit(): Promise<void> {
    const { pending } = this.#content;
    if (pending) await this.#write({ state: pending.state, ...this.#named() });
    else if (this.#isBehind) await this.#write(this.#content);
  }

  /** Forgets everything: the next run reads all rows. */
  static async remove(out: string, resource: string): Promise<void> {
    await files.rm(pathOf(out, resource), { force: true });
  }

  #named(): Pick<StateText, 'tables'> {
    const { tables } = this.#content;
    return tables === undefined ? {} : { tables };
  }

  async #write(content: StateText): Promise<void> {
    this.#content = content;
    this.#isBehind = false;
    try {
      await writeDurably(this.path, encodeState({ cursor: this.#cursor, ...content }));
    } catch (error) {
      throw ioError(this.path, 'written', error);
    }
  }
}

/** Loads of so many runs that were cut short are remembered. */
const mostEarlier = 16;

function earlierOf(waiting: readonly PendingState[]): Pick<StateText, 'earlier'> {
  const earlier = waiting.flatMap((one) => ('load' in one ? [one] : [])).slice(-mostEarlier);
  return earlier.length > 0 ? { earlier } : {};
}

/** The folder by whose lock a run, or whoever changes a state, keeps others from it. */
export function stateLock(out: string, resource: string): string {
  return join(resolve(out), '.sluice', `${fileNameOf(resource)}@state`);
}

function pathOf(out: string, resource: string): string {
  const name = fileNameOf(resource);
  return join(out, '.sluice', 'state', `${name}.json`);
}

async function read(file: string): Promise<StateText> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw ioError(file, 'read', error);
  });
  if (text === undefined) return {};
  const content = decodeState(text);
  if (content === 'damaged') {
    throw new StateError('ERR_STATE_CORRUPT', file, `the state ${file} is damaged. Remove it to read all rows anew.`);
  }
  if (!('newer' in content)) return content;
  throw new StateError(
    'ERR_STATE_VERSION',
    file,
    `the state ${file} has version ${content.newer}, this program reads versions up to ${stateVersion}: update it.`,
  );
}

function unfitness(resource: string, before: CursorKind, now: CursorKind): string | undefined {
  if (before.path === now.path && before.direction === now.direction) return undefined;
  const [old, current] = [before, now].map(({ path, direction }) => `"${path}" (${direction})`);
  return (
    `The cursor of "${resource}" was ${old} and is ${current} now: what was remembered does not fit any more, and ` +
    'the resource is read from the beginning.'
  );
}

function ioError(file: string, what: string, error: unknown): unknown {
  if ((error as { syscall?: unknown }).syscall === undefined) return error;
  const message = `the state ${file} cannot be ${what}: ${(error as Error).message}. ${adviceFor(error)}`.trimEnd();
  return new StateError('ERR_STATE_IO', file, message, error);
}
