// What a later run must know of a resource's cursor, in a file beside the tables; never ahead of the table that it belongs to.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../core/index.js';
import { readTableInfo } from '../../table/index.js';
import type { CursorState } from './cursor.js';

const version = 1;

interface StateText {
  readonly version: number;
  readonly state?: CursorState;
  /** Written before the table is published: it counts once the table is no longer the one of the load `after`. */
  readonly pending?: { readonly state: CursorState; readonly after: string | null };
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
  readonly #table: string;
  #content: StateText = { version };
  /** The load that wrote the table as it was when the run began. */
  #after: string | null = null;

  private constructor(path: string, table: string) {
    this.path = path;
    this.#table = table;
  }

  /**
   * Reads the state of a resource. A state that was written for a publish that never came counts for nothing.
   *
   * @throws StateError
   */
  static async open(out: string, resource: string, table: string): Promise<StateFile> {
    const name = Buffer.from(resource)
      .toString()
      .replace(/[^\w.-]/gu, (char) => `%${char.codePointAt(0)!.toString(16)}`);
    const file = new StateFile(join(out, '.sluice', 'state', `${name}.json`), join(out, `${table}.parquet`));
    await file.#read();
    return file;
  }

  get state(): CursorState | undefined {
    return this.#content.state;
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
  async reset(): Promise<void> {
    this.#content = { version };
    await rm(this.path, { force: true });
  }

  async #read(): Promise<void> {
    this.#after = (await readTableInfo(this.#table))?.metadata?.loadId ?? null;
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return;
    const { state, pending } = parse(text, this.path);
    const published = pending !== undefined && pending.after !== this.#after;
    // Without its table a state would hide the rows that are to be read anew.
    const current = this.#after === null ? undefined : published ? pending.state : state;
    this.#content = { version, ...(current && { state: current }) };
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
