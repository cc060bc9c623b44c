// What a later run must know of a resource's cursor, in a file beside the tables; never ahead of the table that it belongs to.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../core/index.js';
import type { TableFile } from '../table-file.js';
import type { CursorState } from './cursor.js';

const version = 1;

interface StateText {
  readonly version: number;
  readonly state?: CursorState;
  /** Written before the table is published: it counts once the table is no longer the one of the load `after`. */
  readonly pending?: { readonly state: CursorState; readonly after: string | null };
  /** Set by a person: it counts until a run comes to its end, also without a table. */
  readonly given?: CursorState;
}

/** A state file that cannot be used. Codes: `ERR_STATE_CORRUPT`, `ERR_STATE_VERSION`. */
export class StateError extends SluiceError {
  override readonly name = 'StateError';
  readonly file: string;

  constructor(code: 'ERR_STATE_CORRUPT' | 'ERR_STATE_VERSION', file: string, message: string) {
    super(code, message);
    this.file = file;
  }
}

/** The state of one resource. */
export class StateFile {
  readonly path: string;
  readonly #table: TableFile;
  #content: StateText = { version };
  /** The load that wrote the table as it was when the run began. */
  #after: string | null = null;

  private constructor(path: string, table: TableFile) {
    this.path = path;
    this.#table = table;
  }

  /**
   * Reads the state of a resource. A state that was written for a publish that never came counts for nothing.
   *
   * @throws StateError
   */
  static async open(out: string, resource: string, table: TableFile): Promise<StateFile> {
    const file = new StateFile(pathOf(out, resource), table);
    await file.#read();
    return file;
  }

  get state(): CursorState | undefined {
    return this.#content.given ?? this.#content.state;
  }

  /** The state from which the next run is to go on, whatever the last one came to. */
  async set(state: CursorState): Promise<void> {
    await this.#write({ version, given: state });
  }

  /** Before the table is published. */
  async prepare(state: CursorState | undefined): Promise<void> {
    if (state === undefined) return;
    await this.#write({ ...this.#content, pending: { state, after: this.#after } });
  }

  /** When the table is published. */
  async commit(): Promise<void> {
    const { pending } = this.#content;
    if (pending) await this.#write({ version, state: pending.state });
  }

  /** Forgets everything: the next run reads all rows. */
  static async remove(out: string, resource: string): Promise<void> {
    await rm(pathOf(out, resource), { force: true });
  }

  async #read(): Promise<void> {
    this.#after = (await this.#table.loadId()) ?? null;
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return;
    const { state, pending, given } = parse(text, this.path);
    const published = pending !== undefined && pending.after !== this.#after;
    // Without its table a state would hide the rows that are to be read anew.
    const current = this.#after === null ? undefined : published ? pending.state : state;
    this.#content = { version, ...(current && { state: current }), ...(given && !published && { given }) };
  }

  async #write(content: StateText): Promise<void> {
    this.#content = content;
    await mkdir(dirname(this.path), { recursive: true });
    const draft = `${this.path}.draft`;
    const handle = await open(draft, 'w');
    try {
      await handle.writeFile(JSON.stringify(content));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.path);
  }
}

function pathOf(out: string, resource: string): string {
  const name = resource.replace(/[^\w.-]/gu, (char) => `%${char.codePointAt(0)!.toString(16)}`);
  return join(out, '.sluice', 'state', `${name}.json`);
}

function parse(text: string, file: string): StateText {
  let content: StateText;
  try {
    content = JSON.parse(text) as StateText;
  } catch {
    throw new StateError('ERR_STATE_CORRUPT', file, `the state ${file} is damaged. Remove it to read all rows anew.`);
  }
  if (content.version === version) return content;
  throw new StateError(
    'ERR_STATE_VERSION',
    file,
    `the state ${file} has version ${content.version}, this program reads version ${version}: update it.`,
  );
}
