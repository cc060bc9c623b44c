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
  /** What the display shows: the resources, and of the tables that rows name those that are being written. */
  readonly states = new Map<string, ResourceState>();
  readonly display: ProgressDisplay;
  readonly #listeners = new Set<(state: ResourceState | undefined, event: Progress) => void>();

  /** The tables that the rows of a resource name, by what they go by. */
  readonly #tables = new Map<string, ResourceState>();
  readonly #limit: number | undefined;

  constructor(kind: ProgressKind, { limit, ...options }: RunProgressOptions) {
    this.#limit = limit;
    this.display = openDisplay(kind, { ...options, states: this.states });
  }

  /** Takes an event of a resource, or of the run as a whole. */
  take(resource: string | undefined, event: Progress): void {
    const state = resource === undefined ? undefined : this.#taken(resource, event);
    this.display.take(state, event);
    for (const listener of this.#listeners) listener(state, event);
  }

  /** Of the resources alone. */
  get resources(): readonly ResourceState[] {
    return [...this.states.values()].filter(({ name }) => !this.#tables.has(name));
  }

  /** The resource whose rows go to a table, which is called `<resource>: <table>`. */
  #ownerOf(label: string): ResourceState | undefined {
    for (let end = label.indexOf(': '); end >= 0; end = label.indexOf(': ', end + 1)) {
      const owner = this.states.get(label.slice(0, end));
      if (owner) return owner;
    }
    return undefined;
  }

  /** The state that an event is shown with. */
  #taken(name: string, event: Progress): ResourceState {
    const owner = this.#ownerOf(name);
    if (owner === undefined) return this.#told(this.states, name, event);
    const table = this.#told(this.#tables, name, event);
    if (event.type === 'publish') this.states.set(name, table);
    if (event.type !== 'rows') return table;
    // Only its rows tell that a page of the resource has been taken in.
    owner.take(event, Date.now());
    return owner;
  }

  #told(states: Map<string, ResourceState>, name: string, event: Progress): ResourceState {
    const now = Date.now();
    const state = states.get(name) ?? new ResourceState(name, now, { limit: this.#limit });
    states.set(name, state);
    state.take(event, now);
    return state;
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
