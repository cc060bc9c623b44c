// Hints of a table that a program may give as functions of the row.
import * as z from 'zod';
import type { Row } from '../../core/index.js';
import { notThere } from './keys.js';

/** A hint as it is given, or a function of the row that gives it: for the table that the row goes to. */
export function byRow<S extends z.ZodType>(hint: S) {
  return hint.or(
    z.custom<(row: Row) => z.input<S> | null | undefined>((value) => typeof value === 'function', {
      params: { code: notThere },
    }),
  );
}
