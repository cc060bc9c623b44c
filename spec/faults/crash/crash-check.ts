// What must be so after a crash: readers see what was there or what comes, and the next run comes to the tables of a load that was never cut short.
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readManifest } from '../../../lib/table/directory/manifest.js';
import { type CrashCase, nothing, pageCount, pagesBefore, type Seen, type Tables } from './crash-case.js';
import type { DiskImage } from './disk-image.js';
import type { PagedApi } from './paged-api.js';

/** What the tables come to. */
export interface Model {
  /** Before the load that is stopped, after it, and after another one. */
  readonly old: Tables;
  readonly once: Tables;
  readonly twice: Tables;
  /** As readers see each table by itself. */
  readonly alone: { readonly old: Tables; readonly once: Tables };
}

/** What is known of a load where it stopped. */
export interface Stopped {
  readonly where: string;
  /** Pages that it was told to be durable. */
  readonly committed: number;
  /** Whether all of its pages were durable, so that nothing is left to be asked. */
  readonly publishing: boolean;
  /** Whether it has said that its tables are published. */
  readonly published: boolean;
}

/** What comes of a folder that a crash has left, whatever is known of the load that left it. */
interface Outcome {
  /** What readers see before the next run, of all tables and of each by itself. */
  readonly seen: Tables;
  readonly alone: Tables;
  /** Whether the run that was stopped had come to its end, so that the next one is another run. */
  readonly ended: boolean;
  /** What the next run asked for, and what it came to. */
  readonly again: Seen;
  readonly after: Tables;
  readonly left: readonly string[];
}

/** One case and the API that it asks. */
export class CrashCheck {
  readonly #one: CrashCase;
  readonly #api: PagedApi;
  /** What came of each image that was tried, by its print. */
  readonly #outcomes = new Map<string, Outcome>();

  constructor(one: CrashCase, api: PagedApi) {
    this.#one = one;
    this.#api = api;
  }

  /** How many images differed. */
  get different(): number {
    return this.#outcomes.size;
  }

  /** The load that was done before. */
  async prepare(out: string): Promise<void> {
    const { before = pagesBefore } = this.#one;
    if (before > 0) await this.#load(out, before);
  }

  /** The load that is stopped, or that goes on from there. */
  readonly load = async (out: string, seen = nothing()): Promise<Seen> => {
    await this.#load(out, pageCount, seen);
    return seen;
  };

  /** Does the load in a folder that is prepared, twice. */
  async model(out: string, first: () => Promise<unknown>): Promise<Model> {
    const { tables, alone = tables } = this.#one;
    const before = { old: await tables(out), alone: await alone(out) };
    await first();
    const after = { once: await tables(out), alone: await alone(out) };
    expect(await this.#leftIn(out)).to.deep.equal([...this.#one.files].sort());
    await this.load(out);
    const twice = await tables(out);
    return { old: before.old, once: after.once, twice, alone: { old: before.alone, once: after.alone } };
  }

  /** Checks what a crash has left. An image of the same names and bytes is tried once, and what comes of it is held against all that is known. */
  async check(image: DiskImage, model: Model, stopped: Stopped): Promise<void> {
    const { print } = image;
    let outcome = this.#outcomes.get(print);
    if (outcome === undefined) {
      const out = await mkdtemp(join(tmpdir(), 'sluice-image-'));
      try {
        await image.write(out);
        outcome = await this.#outcomeOf(out, model, stopped);
      } finally {
        await rm(out, { recursive: true });
      }
      this.#outcomes.set(print, outcome);
    }
    this.#judge(outcome, model, stopped);
  }

  /** Checks a folder that a crash has left, and goes on from there. */
  async checkFolder(out: string, model: Model, stopped: Stopped): Promise<void> {
    this.#judge(await this.#outcomeOf(out, model, stopped), model, stopped);
  }

  /** Has the API list what the load asks for. */
  list(pages = pageCount): void {
    if (this.#one.listings) this.#api.list(this.#one.listings(pages));
  }

  async #outcomeOf(out: string, model: Model, { where }: Stopped): Promise<Outcome> {
    try {
      return await this.#goOn(out, model);
    } catch (error) {
      throw new Error(`${where}: ${error}`, { cause: error });
    }
  }

  async #goOn(out: string, { once }: Model): Promise<Outcome> {
    const { tables, alone = () => seen, files } = this.#one;
    const seen = await tables(out);
    const each = await alone(out);
    // A run whose stage is gone has come to its end when it has published.
    const ended = text(seen) === text(once) && !(await hasJournal(out));
    const again = await this.load(out);
    const after = await tables(out);
    // What a power loss has brought back of a run that had come to its end goes with the next run that has something to publish: also where a cursor
    // leaves out what was there.
    if (ended && (await this.#leftIn(out)).length > files.length) await this.#load(out, pageCount + pagesBefore);
    return { seen, alone: each, ended, again, after, left: await this.#leftIn(out) };
  }

  #judge({ seen, alone, ended, again, after, left }: Outcome, model: Model, stopped: Stopped): void {
    const { old, once, twice } = model;
    const { where, committed, publishing, published } = stopped;
    if (published) expect(seen, `published, ${where}`).to.deep.equal(once);
    else if (this.#one.together) expect([old, once].map(text), `seen, ${where}`).to.include(text(seen));
    else
      for (const [index, rows] of alone.entries())
        expect(
          [model.alone.old[index], model.alone.once[index]].map(text),
          `seen of table ${index}, ${where}`,
        ).to.include(text(rows));

    if (this.#one.counts !== false && !ended) {
      expect(again.fetched, `pages asked for, ${where}`).to.be.at.most(pageCount - committed);
      if (publishing) expect(again.subscribed, `asked for anything, ${where}`).to.equal(0);
    }
    if (ended) expect([once, twice].map(text), `after the next run, ${where}`).to.include(text(after));
    else expect(after, `after the next run, ${where}`).to.deep.equal(once);
    expect(left, `files, ${where}`).to.deep.equal([...this.#one.files].sort());
  }

  async #load(out: string, pages: number, seen?: Seen): Promise<void> {
    this.list(pages);
    await this.#one.load(out, pages, seen);
  }

  /** What is in the folder, but for the files that the manifest names. */
  async #leftIn(out: string): Promise<string[]> {
    const named = new Set<string>();
    for (const table of Object.values((await readManifest(out))?.tables ?? {})) {
      for (const { path } of table.files) {
        await access(join(out, path));
        for (let known = path; known !== '.'; known = dirname(known)) named.add(known);
      }
    }
    return (await readdir(out, { recursive: true })).filter((path) => !named.has(path)).sort();
  }
}

async function hasJournal(out: string): Promise<boolean> {
  return (await readdir(out, { recursive: true })).some((path) => path.endsWith('journal.jsonl'));
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
