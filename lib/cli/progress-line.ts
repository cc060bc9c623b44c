// Shows how far a resource has come: as a bar on a terminal, as a plain line in a log.
import { count, counted, duration } from './numbers.js';
import type { ResourceState } from './resource-state.js';
import type { Style } from './style.js';
import { cut, width } from './text-table.js';

export interface LineOptions {
  readonly style: Style;
  readonly now: number;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Columns that the names take. */
  readonly nameWidth: number;
}

const barWidth = 20;

/** One line for a terminal, never wider than it. */
export function barLine(state: ResourceState, { style, now, columns, nameWidth }: LineOptions): string {
  const name = state.name + ' '.repeat(Math.max(0, nameWidth - width(state.name)));
  const text = cut(facts(state, now), Math.max(10, columns - nameWidth - barWidth - 4));
  const tint = state.waiting ? style.yellow : state.phase === 'done' ? style.green : style.dim;
  return `${style.bold(name)}  ${tint(bar(state, now))}  ${text}`;
}

/** One line for a log. */
export function plainLine(state: ResourceState, now: number): string {
  return `${state.name}: ${facts(state, now)}`;
}

function facts(state: ResourceState, now: number): string {
  const { pages, totalPages, rows, retries, phase, waiting } = state;
  const parts = [
    totalPages === undefined ? counted(pages, 'page') : `${count(pages)} of ${counted(totalPages, 'page')}`,
  ];
  parts.push(counted(rows, 'row'));
  if (phase === 'reading' && pages > 0) parts.push(`${count(state.rowsPerSecond(now))} rows/s`);
  if (retries > 0) parts.push(`${count(retries)} ${retries === 1 ? 'retry' : 'retries'}`);
  if (phase === 'publishing') parts.push('writing the table');
  else if (phase === 'done') parts.push('done');
  else if (waiting) parts.push(`waiting ${duration(Math.max(0, waiting.until - now) / 1000)}: ${waiting.reason}`);
  const remaining = waiting ? undefined : state.remaining(now);
  if (remaining !== undefined && remaining >= 1) parts.push(`${duration(remaining)} left`);
  return parts.join(', ');
}

function bar(state: ResourceState, now: number): string {
  if (state.phase === 'publishing' || state.phase === 'done') return '█'.repeat(barWidth);
  if (state.totalPages === undefined) {
    if (state.pages === 0) return '░'.repeat(barWidth);
    const at = Math.floor(now / 100) % (barWidth - 2);
    return `${'░'.repeat(at)}███${'░'.repeat(barWidth - at - 3)}`;
  }
  const full = Math.round((barWidth * state.pages) / Math.max(state.totalPages, 1));
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}
