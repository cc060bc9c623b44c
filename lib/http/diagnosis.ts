// Why a request got no answer, in plain words, and whether asking again can help.
import type { RequestErrorCode } from '../core/index.js';

export interface Diagnosis {
  readonly code: RequestErrorCode;
  readonly reason: string;
  readonly transient: boolean;
  readonly advice?: string;
}
