// Writes the progress of a run: lines that are redrawn on a terminal, and now and then a line in a log.
import type { Progress } from '../core/index.js';
import { barLine, plainLine } from './progress-line.js';
import { ResourceState } from './resource-state.js';
import { type Style, styleFor } from './style.js';
import { width } from './text-table.js';

export interface DisplayOptions {
  /** @default process.stderr */
  readonly stream?: NodeJS.WriteStream;
  /** Milliseconds between two lines of a resource in a log. @default 5000 */
  readonly logEvery?: number;
}

/** Milliseconds between two redraws. */
const redrawEvery = 100;

/** The progress of all resources of a run. `close()` leaves the last state on the screen. */
export class ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  readonly #style: Style;
  readonly #live: boolean;
  readonly #logEvery: number;
  readonly #states = new Map<string, ResourceState>();
  readonly #logged = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor({ stream = process.stderr, logEvery = 5000 }: DisplayOptions = {}) {
    this.#stream = stream;
    this.#style = styleFor(stream);
    this.#live = stream.isTTY === true && process.env['TERM'] !== 'dumb';
    this.#logEvery = logEvery;
    if (this.#live) this.#timer = setInterval(() => this.#draw(), redrawEvery).unref();
  }

  /** Takes an event of a resource, or of the run as a whole. */
  take(resource: string | undefined, event: Progress): void {
    if (resource === undefined) {
      if (event.type === 'note') this.write(event.message);
      return;
    }
    const now = Date.now();
    const state = this.#states.get(resource) ?? new ResourceState(resource, now);
    this.#states.set(resource, state);
    state.take(event, now);
    if (event.type === 'note') this.write(`${resource}: ${event.message}`);
    else if (!this.#live && this.#isDue(resource, event, now)) this.#stream.write(`${plainLine(state, now)}\n`);
  }

  /** A line above the progress. */
  write(line: string): void {
    this.#erase();
    this.#stream.write(`${line}\n`);
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#live) this.#draw();
    this.#drawn = 0;
    this.#states.clear();
  }

  #isDue(resource: string, event: Progress, now: number): boolean {
    if (event.type === 'retry' || event.type === 'publish') return true;
    if (event.type !== 'rows' || now - (this.#logged.get(resource) ?? now - this.#logEvery) < this.#logEvery)
      return false;
    this.#logged.set(resource, now);
    return true;
  }

  #draw(): void {
    if (!this.#live) return;
    const states = [...this.#states.values()];
    const nameWidth = Math.max(0, ...states.map((state) => width(state.name)));
    const options = { style: this.#style, now: Date.now(), columns: this.#stream.columns || 80, nameWidth };
    const lines = states.slice(0, (this.#stream.rows || 24) - 2).map((state) => `${barLine(state, options)}\n`);
    this.#erase();
    this.#stream.write(lines.join(''));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (!this.#live || this.#drawn === 0) return;
    this.#stream.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }
}
