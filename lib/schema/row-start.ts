// The start of a row or a value, for messages: enough to find it, short enough to read.
import { logJson } from './log-json.js';

const shownCharacters = 200;

/** The start of a value's JSON. */
export function rowStart(value: unknown): string {
  const text = logJson(value) ?? String(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
