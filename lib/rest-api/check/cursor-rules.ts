// What is wrong with the options of a cursor that depend on each other.
import type { IncrementalConfig } from '../config/incremental-schema.js';
import { windowFault } from '../incremental/window.js';
import { shown } from './found.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

export function cursorFindings(config: IncrementalConfig, path: Path): Finding[] {
  const found: Finding[] = [];
  const conflict = (key: string, message: string) => found.push({ code: 'conflict', path: [...path, key], message });
  const { end_value: end, cursor_from: from = 'rows', last_value_func: order } = config;
  if (config.per_parent && config.shared_as !== undefined)
    conflict('shared_as', 'excludes "per_parent": rows of a parent share nothing');
  if (from !== 'rows') {
    for (const key of ['end_value', 'row_order', 'window'] as const) {
      if (config[key] != null) conflict(key, `is about values in rows, and "cursor_from" is "${from}"`);
    }
  }
  if (order === 'last' && from === 'rows')
    conflict('last_value_func', '"last" needs "cursor_from": "body", "headers" or "request"');
  if (config.window == null) return found;
  if (order !== undefined && order !== 'max') conflict('window', 'needs the "last_value_func" max');
  return [...found, ...windowFindings(config, { window: config.window, end, path })];
}

function windowFindings(
  { initial_value: start }: IncrementalConfig,
  { window, end, path }: { readonly window: number | string; readonly end: unknown; readonly path: Path },
): Finding[] {
  const place = [...path, 'window'];
  if (start == null)
    return [{ code: 'missing-key', path: [...path, 'initial_value'], message: 'is needed with "window"' }];
  const fault = windowFault(window, start);
  if (fault !== undefined)
    return [
      { code: 'wrong-value', path: place, found: shown(window, place), message: `${shown(window, place)} ${fault}` },
    ];
  if (typeof start !== 'number' || end != null) return [];
  const message = 'is needed with "window" when the cursor is a number: there is no now to end at';
  return [{ code: 'missing-key', path: [...path, 'end_value'], message }];
}
