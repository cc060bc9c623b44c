// What every way to show the progress of a run has in common.
import type { Progress } from '../core/index.js';
import type { LogLevel } from './flags.js';
import type { ResourceState } from './resource-state.js';

/** Shows what happens in a run. */
export interface ProgressDisplay {
  /** Takes an event: of a resource, which has taken it in already, or of the run as a whole. */
  take(state: ResourceState | undefined, event: Progress): void;
  /** Something that a person should know. */
  write(message: string): void;
  /** The run failed. */
  fail(text: string, code: string | undefined): void;
  /** The run has ended; the last state stays. */
  close(): void;
}

export interface DisplayOptions {
  readonly stream: NodeJS.WriteStream;
  readonly logLevel: LogLevel;
  /** The states of all resources, in the order in which they began. */
  readonly states: ReadonlyMap<string, ResourceState>;
}
