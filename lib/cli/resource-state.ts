// How far one resource has come, from the events of its run.
import type { Progress } from '../core/index.js';

export type Phase = 'starting' | 'reading' | 'publishing' | 'done';

export class ResourceState {
  readonly name: string;
  phase: Phase = 'starting';
  pages = 0;
  /** Of the whole walk, once a page has told. */
  totalPages: number | undefined;
  rows = 0;
  requests = 0;
  retries = 0;
  /** The wait before the next attempt. `until` is in milliseconds since 1970. */
  waiting: { readonly until: number; readonly reason: string } | undefined;
  readonly started: number;

  constructor(name: string, now: number) {
    this.name = name;
    this.started = now;
  }

  take(event: Progress, now: number): void {
    switch (event.type) {
      case 'request':
        this.requests += 1;
        this.phase = 'reading';
        this.waiting = undefined;
        break;
      case 'retry':
        this.retries += 1;
        this.waiting = { until: now + event.wait, reason: event.reason };
        break;
      case 'page':
        this.pages += 1;
        if (event.total !== undefined) this.totalPages = Math.max(event.total, this.pages);
        break;
      case 'rows':
        this.rows += event.rows;
        break;
      case 'publish':
        this.phase = event.step === 'started' ? 'publishing' : 'done';
        break;
    }
  }

  rowsPerSecond(now: number): number {
    return (this.rows * 1000) / Math.max(now - this.started, 1);
  }

  /** Seconds until the end, as far as it can be known. */
  remaining(now: number): number | undefined {
    if (this.totalPages === undefined || this.pages === 0 || this.phase !== 'reading') return undefined;
    return ((now - this.started) / 1000 / this.pages) * (this.totalPages - this.pages);
  }
}
