// Follows a run: keeps the state of each resource, and has a display show it.
import type { Progress } from '../core/index.js';
import type { DisplayOptions, ProgressDisplay } from './display.js';
import { openDisplay, type ProgressKind } from './open-display.js';
import { ResourceState } from './resource-state.js';

export interface RunProgressOptions extends Omit<DisplayOptions, 'states'> {
  /** At most this many pages of each resource. @default all */
  readonly limit?: number | undefined;
}

export class RunProgress {
  readonly states = new Map<string, ResourceState>();
  readonly display: ProgressDisplay;
  readonly #listeners = new Set<(state: ResourceState | undefined, event: Progress) => void>();

  readonly #limit: number | undefined;

  constructor(kind: ProgressKind, { limit, ...options }: RunProgressOptions) {
    this.#limit = limit;
    this.display = openDisplay(kind, { ...options, states: this.states });
  }

  /** Takes an event of a resource, or of the run as a whole. */
  take(resource: string | undefined, event: Progress): void {
    const now = Date.now();
    let state: ResourceState | undefined;
    if (resource !== undefined) {
      state = this.states.get(resource) ?? new ResourceState(resource, now, { limit: this.#limit });
      this.states.set(resource, state);
      state.take(event, now);
    }
    this.display.take(state, event);
    for (const listener of this.#listeners) listener(state, event);
  }

  /** Resolves when each page that is on its way now has been taken in or given up, and at the latest after some milliseconds. */
  pagesTaken(within: number): Promise<void> {
    return new Promise((resolve) => {
      const open = new Map([...this.states.values()].map((state) => [state, state.onItsWay]));
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
        resolve();
      };
      const listen = (state: ResourceState | undefined, { type }: Progress) => {
        if (state === undefined) return;
        const awaited = open.get(state);
        // Rows that come before the answer are those of the page before.
        if (type === 'page' && awaited === 'asked') open.set(state, 'answered');
        if (type === 'retry' || (type === 'rows' && awaited === 'answered')) open.delete(state);
        if ([...open.values()].every((way) => way === undefined)) done();
      };
      const timer = setTimeout(done, within);
      this.#listeners.add(listen);
      if ([...open.values()].every((way) => way === undefined)) done();
    });
  }
}
