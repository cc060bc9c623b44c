// The progress where there is no terminal: now and then a line for each resource, and one for whatever is out of the ordinary.
import type { Progress } from '../core/index.js';
import type { DisplayOptions, ProgressDisplay } from './display.js';
import { eventLine } from './event-line.js';
import { plainLine } from './progress-text.js';
import type { ResourceState } from './resource-state.js';

/** Milliseconds between two lines of a resource. */
const lineEvery = 5000;

export class LineDisplay implements ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #written = new Map<string, number>();

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  take(state: ResourceState | undefined, event: Progress): void {
    const line = eventLine(state?.name, event, this.#options.logLevel);
    if (line !== undefined) this.#line(line);
    else if (state !== undefined && this.#isDue(state, event)) this.#line(plainLine(state, Date.now()));
  }

  write(message: string): void {
    this.#line(message);
  }

  fail(text: string): void {
    this.#line(text);
  }

  close(): void {
    this.#written.clear();
  }

  #line(text: string): void {
    this.#options.stream.write(`${text}\n`);
  }

  #isDue({ name }: ResourceState, event: Progress): boolean {
    const { logLevel } = this.#options;
    if (logLevel === 'error' || logLevel === 'warn') return false;
    if (event.type === 'publish') return true;
    const now = Date.now();
    if (event.type !== 'rows' || now - (this.#written.get(name) ?? Number.NEGATIVE_INFINITY) < lineEvery) return false;
    this.#written.set(name, now);
    return true;
  }
}
