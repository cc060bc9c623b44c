// Chooses how the progress of a run is shown: whichever way suits where it is written to.
import { BarDisplay } from './bar-display.js';
import type { DisplayOptions, ProgressDisplay } from './display.js';
import { JsonDisplay } from './json-display.js';
import { LineDisplay } from './line-display.js';

export type ProgressKind = 'auto' | 'bars' | 'plain' | 'json' | 'none';

/** The display of a kind; `auto`: bars where there is a terminal, else plain lines. */
export function openDisplay(kind: ProgressKind, options: DisplayOptions): ProgressDisplay {
  const { stream, logLevel } = options;
  const isQuiet = logLevel === 'error' || logLevel === 'warn';
  if (kind === 'json') return new JsonDisplay(options);
  if (kind === 'none' || isQuiet) return new LineDisplay({ ...options, logLevel: isQuiet ? logLevel : 'warn' });
  const canMove = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  return kind === 'bars' || (kind === 'auto' && canMove) ? new BarDisplay(options) : new LineDisplay(options);
}
