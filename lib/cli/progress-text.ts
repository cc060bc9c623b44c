// Shows how far a resource has come: as a bar on a terminal, as a plain line in a log.
import { count, counted, duration } from './numbers.js';
import type { ResourceState } from './resource-state.js';
import type { Style } from './style.js';
import { cut, width } from './text-table.js';

export interface LineOptions {
  readonly style: Style;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Columns that the longest name takes. */
  readonly nameWidth: number;
}

/** One line for a terminal, never wider than it: what matters least is left out first. */
export function barLine(state: ResourceState, { style, now, columns, nameWidth }: LineOptions): string {
  const names = Math.min(nameWidth, Math.max(8, Math.floor(columns / 3)));
  const name = cut(state.name, names);
  const bars = columns < 40 ? 0 : columns < 70 ? 8 : columns < 110 ? 16 : 30;
  const room = Math.max(1, columns - names - bars - 5);
  const complete = state.phase === 'read' || state.phase === 'done';
  const tint = state.waiting ? style.yellow : complete ? style.green : style.dim;
  const shown = style.bold(name) + ' '.repeat(Math.max(0, names - width(name)));
  return `${shown}  ${tint(bar(state, now, bars))}  ${fitting(facts(state, now), room)}`;
}

/** One line for a log. */
export function plainLine(state: ResourceState, now: number): string {
  return `${state.name}: ${facts(state, now)
    .map(({ text }) => text)
    .join(', ')}`;
}

interface Fact {
  readonly text: string;
  /** The higher, the sooner it is left out. */
  readonly rank: number;
}

/** As many of the facts as there is room for, in their order. */
function fitting(all: readonly Fact[], room: number): string {
  const kept = [...all];
  const text = () => kept.map((fact) => fact.text).join(', ');
  while (kept.length > 1 && width(text()) > room) {
    const last = Math.max(...kept.map(({ rank }) => rank));
    kept.splice(
      kept.findIndex(({ rank }) => rank === last),
      1,
    );
  }
  return cut(text(), room);
}

function facts(state: ResourceState, now: number): Fact[] {
  const { pages, totalPages, reachedPages, rows, retries, phase, waiting } = state;
  const found: Fact[] = [];
  const add = (rank: number, text: string) => found.push({ rank, text });
  if (phase === 'starting' && !waiting) add(0, 'starting');
  else {
    // A table that rows name has none of its own.
    if (pages > 0 || rows === 0)
      add(
        3,
        totalPages === undefined ? counted(pages, 'page') : `${count(reachedPages)} of ${counted(totalPages, 'page')}`,
      );
    add(1, counted(rows, 'row'));
  }
  if ((phase === 'reading' && pages > 0 && !waiting) || phase === 'done')
    add(4, `${count(state.rowsPerSecond(now))} rows/s`);
  if (retries > 0) add(5, `${count(retries)} ${retries === 1 ? 'retry' : 'retries'}`);
  if (phase === 'publishing') add(0, 'writing the table');
  else if (phase === 'read') add(0, 'read');
  else if (phase === 'done') add(0, `done in ${duration(state.seconds(now))}`);
  else if (waiting) add(0, `waiting ${duration(Math.max(0, waiting.until - now) / 1000)}: ${waiting.reason}`);
  const remaining = waiting ? undefined : state.remaining(now);
  if (remaining !== undefined && remaining >= 1) add(2, `${duration(remaining)} left`);
  return found;
}

function bar(state: ResourceState, now: number, size: number): string {
  const { phase, pages, totalPages, reachedPages } = state;
  if (phase === 'read' || phase === 'publishing' || phase === 'done') return '█'.repeat(size);
  if (size === 0) return '';
  if (totalPages === undefined) {
    if (pages === 0) return '░'.repeat(size);
    const at = Math.floor(now / 100) % (size - 2);
    return `${'░'.repeat(at)}███${'░'.repeat(size - at - 3)}`;
  }
  const full = Math.round((size * reachedPages) / Math.max(totalPages, 1));
  return '█'.repeat(full) + '░'.repeat(size - full);
}
