// What came of parsing a body: its value, or why it has none.
import type { RequestErrorCode } from '../core/index.js';

export type Parsed =
  /** `plain`: JSON.parse made the value of the whole text, and lost nothing. */
  | { readonly ok: true; readonly value: unknown; readonly plain?: boolean }
  | { readonly ok: false; readonly code: RequestErrorCode; readonly reason: string; readonly cause: unknown };
