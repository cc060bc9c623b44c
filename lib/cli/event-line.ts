// One event as a line for a person, where the level of the log asks for it.
import type { Progress } from '../core/index.js';
import type { LogLevel } from './flags.js';
import { duration, size } from './numbers.js';

/** `undefined` for what is not told at this level, or is told by the resource's own line. */
export function eventLine(resource: string | undefined, event: Progress, level: LogLevel): string | undefined {
  const text = textOf(event, level);
  if (text === undefined) return undefined;
  return resource === undefined ? text : `${resource}: ${text}`;
}

function textOf(event: Progress, level: LogLevel): string | undefined {
  const isDebug = level === 'debug';
  switch (event.type) {
    case 'note':
      return isDebug || level === 'info' ? event.message : undefined;
    case 'retry':
    case 'wait': {
      if (level === 'error') return undefined;
      const after = event.type === 'retry' ? `, then retry ${event.attempt}` : '';
      return `waiting ${duration(event.wait / 1000)}: ${event.reason}${after}`;
    }
    case 'request':
      return isDebug ? `${event.method} ${event.url}` : undefined;
    case 'response':
      return isDebug
        ? `answered ${event.status}, ${size(event.bytes)}, ${Math.round(event.milliseconds)} ms`
        : undefined;
    case 'commit':
      return isDebug ? `${event.rows} rows of ${event.table} are staged durably` : undefined;
    default:
      return undefined;
  }
}
