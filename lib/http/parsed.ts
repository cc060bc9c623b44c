// What came of parsing a body: its value, or why it has none.
import type { RequestErrorCode } from '../core/index.js';

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: RequestErrorCode; readonly reason: string; readonly cause: unknown };
