// The progress for programs: one JSON object on each line, with the time, a type, and what belongs to it.
import type { Progress } from '../core/index.js';
import type { DisplayOptions, ProgressDisplay } from './display.js';
import type { ResourceState } from './resource-state.js';

/** Milliseconds between two lines of a resource that tell how far it has come. */
const progressEvery = 1000;

export class JsonDisplay implements ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #written = new Map<string, number>();

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  take(state: ResourceState | undefined, event: Progress): void {
    const resource = state?.name;
    const now = Date.now();
    switch (event.type) {
      case 'note':
        if (this.#tells('info')) this.#line({ type: 'note', resource, message: event.message });
        break;
      case 'retry':
      case 'wait': {
        const { type, wait, reason } = event;
        const attempt = type === 'retry' ? event.attempt : undefined;
        if (this.#tells('warn')) this.#line({ type, resource, attempt, wait_seconds: wait / 1000, reason });
        break;
      }
      case 'request':
      case 'response':
      case 'commit':
        if (this.#tells('debug')) this.#line({ ...event, resource });
        break;
      case 'publish':
        if (state && this.#tells('info')) this.#progress(state, now);
        break;
      case 'rows':
        if (!state || now - (this.#written.get(state.name) ?? Number.NEGATIVE_INFINITY) < progressEvery) break;
        if (this.#tells('info')) this.#progress(state, now);
        break;
    }
  }

  write(message: string): void {
    this.#line({ type: 'note', message });
  }

  fail(text: string, code: string | undefined): void {
    this.#line({ type: 'error', code, message: text.replace(/^error: /, '') });
  }

  close(): void {
    this.#written.clear();
  }

  #progress(state: ResourceState, now: number): void {
    this.#written.set(state.name, now);
    const { name, phase, pages, totalPages, reachedPages, rows, requests, retries } = state;
    const remaining = state.remaining(now);
    this.#line({
      type: 'progress',
      resource: name,
      phase,
      pages,
      total_pages: totalPages,
      reached_pages: totalPages === undefined ? undefined : reachedPages,
      rows,
      rows_per_second: Math.round(state.rowsPerSecond(now)),
      requests,
      retries,
      remaining_seconds: remaining === undefined ? undefined : Math.round(remaining),
    });
  }

  #tells(level: 'debug' | 'info' | 'warn'): boolean {
    const levels = ['debug', 'info', 'warn', 'error'];
    return levels.indexOf(level) >= levels.indexOf(this.#options.logLevel);
  }

  #line(content: Readonly<Record<string, unknown>>): void {
    this.#options.stream.write(`${JSON.stringify({ time: new Date().toISOString(), ...content })}\n`);
  }
}
