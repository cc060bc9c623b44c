// The progress on a terminal: a bar for each resource, redrawn in its place, with notes scrolling by above.
import type { Progress } from '../core/index.js';
import type { DisplayOptions, ProgressDisplay } from './display.js';
import { eventLine } from './event-line.js';
import { counted } from './numbers.js';
import { barLine } from './progress-text.js';
import type { ResourceState } from './resource-state.js';
import { type Style, styleFor } from './style.js';
import { cut, width } from './text-table.js';

/** Milliseconds between two redraws. */
const redrawEvery = 100;

export class BarDisplay implements ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #style: Style;
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #closed = false;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#style = styleFor(options.stream);
    this.#timer = setInterval(() => this.#draw(), redrawEvery).unref();
  }

  take(state: ResourceState | undefined, event: Progress): void {
    const line = eventLine(state?.name, event, this.#options.logLevel);
    // What the bar says need not be said above it.
    if (line !== undefined && event.type !== 'retry' && event.type !== 'wait') this.write(line);
  }

  write(message: string): void {
    this.#draw(`${message}\n`);
  }

  fail(text: string): void {
    this.#draw(`${text.replace(/^error:/, (word) => this.#style.red(word))}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#draw();
    // What comes below is not about the progress any more.
    if (this.#drawn > 0) this.#options.stream.write('\n');
    this.#drawn = 0;
    this.#closed = true;
  }

  /** In one write, and without an empty screen in between, so that nothing flickers. */
  #draw(above = ''): void {
    const { stream } = this.#options;
    const lines = this.#closed ? [] : this.#lines();
    if (above === '' && lines.length === 0) return;
    // The terminal may have shown a ^C meanwhile: the cursor goes back to the first column, too.
    const back = this.#drawn === 0 ? '' : `\r\u001b[${this.#drawn}A\u001b[0J`;
    stream.write(back + above + lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  /** The resources that there is room for: those that are at work before those that are done. */
  #lines(): string[] {
    const { stream, states } = this.#options;
    const columns = stream.columns || 80;
    const all = [...states.values()];
    const room = Math.max(1, (stream.rows || 24) - 2);
    let shown = all;
    if (all.length > room) {
      const first = [...all.filter(({ phase }) => phase !== 'done'), ...all.filter(({ phase }) => phase === 'done')];
      const chosen = new Set(first.slice(0, room - 1));
      shown = all.filter((state) => chosen.has(state));
    }
    const nameWidth = Math.max(0, ...shown.map((state) => width(state.name)));
    const options = { style: this.#style, now: Date.now(), columns, nameWidth };
    const lines = shown.map((state) => barLine(state, options));
    const hidden = all.filter((state) => !shown.includes(state));
    if (hidden.length === 0) return lines;
    const done = hidden.filter(({ phase }) => phase === 'done').length;
    return [
      ...lines,
      this.#style.dim(cut(`… and ${counted(hidden.length, 'resource')} more, ${done} done`, columns - 1)),
    ];
  }
}
