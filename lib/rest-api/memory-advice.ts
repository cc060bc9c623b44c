// The error of a run whose engine had too little memory, in the words of who gave it.
import { memoryError, TableError } from '../table/index.js';
import type { SourceRunOptions } from './run-options.js';

/** The same error, where it says how to give an engine more: a run gives memory to all tables. What a sink has by itself comes second to that. */
export function withMemoryAdvice(error: unknown, { maxMemory }: SourceRunOptions): unknown {
  if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) return error;
  const option = 'maxMemory (--max-memory, or "max_memory" of the client)';
  const advice =
    maxMemory === undefined
      ? `Give more with ${option}, of which the engine gets three quarters,`
      : `Raise ${option}, of which the engine gets three quarters,`;
  return memoryError(error.table, error.cause, advice);
}
