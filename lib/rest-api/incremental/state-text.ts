// What a state file holds, in this version and in those before it.
import type { IncrementalPlan } from './cursor-plan.js';
import type { CursorsState } from './cursors.js';

/** The version that is written. Whoever changes the layout raises it, and says below how the one before becomes it. */
export const stateVersion = 2;

export interface StateText {
  /** What the state goes by; absent when nobody has said it yet. */
  readonly cursor?: CursorKind;
  readonly state?: CursorsState;
  /** Written before the table is published: it counts once a load has been applied to the table. */
  readonly pending?: PendingState;
  /** What runs before that one have written, and which were cut short: another run with other tables may still finish them. The latest comes last. */
  readonly earlier?: readonly LoadState[];
  /** The tables that rows have come of, where they are named by row; absent elsewhere. */
  readonly tables?: readonly string[];
  /** Set by a person: it counts until a run comes to its end, also without a table. */
  readonly given?: CursorsState;
}

/** What a state's values can be compared with: those of the same field, in the same direction. */
export interface CursorKind {
  readonly path: string;
  readonly direction: 'max' | 'min' | 'last' | 'function';
}

export function cursorKind({ cursorPath, cursorFrom, direction }: IncrementalPlan): CursorKind {
  return {
    path: cursorFrom === 'rows' ? cursorPath : `${cursorPath} of the ${cursorFrom}`,
    direction: typeof direction === 'function' ? 'function' : direction,
  };
}

/** What a load has come to. */
export interface LoadState {
  readonly state: CursorsState;
  readonly load: string;
}

export type PendingState =
  | LoadState
  /** Of version 1: once the table is no longer that of the load `after`. */
  | { readonly state: CursorsState; readonly after: string | null };

type Migrated = StateText & { readonly version: number };

/** By the version that each of them reads. */
const migrations: Readonly<Record<number, (old: Migrated) => Migrated>> = {
  // Version 1 did not say what the state goes by, and whether it counts by the load before.
  1: (old) => ({ ...old, version: 2 }),
};

/** The text of a state file. */
export function encodeState(state: StateText): string {
  return JSON.stringify({ version: stateVersion, ...state });
}

/**
 * Reads what this version or one before it wrote.
 * @returns `damaged`, or the version, when it cannot be read
 */
export function decodeState(text: string): StateText | 'damaged' | { readonly newer: unknown } {
  let content: Migrated;
  try {
    content = JSON.parse(text) as Migrated;
  } catch {
    return 'damaged';
  }
  if (typeof content !== 'object' || content === null) return 'damaged';
  for (let migrate = migrations[content.version]; migrate !== undefined; migrate = migrations[content.version]) {
    content = migrate(content);
  }
  if (content.version !== stateVersion) return { newer: content.version };
  const { version: _, ...state } = content;
  return state;
}
