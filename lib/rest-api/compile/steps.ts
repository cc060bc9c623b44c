// Compiles `processing_steps` into row operators.
import { type MonoTypeOperatorFunction, pipe } from 'rxjs';
import { filterRows, flatMapRows, mapRows } from '../../../operators/index.js';
import type { Row, Rows } from '../../core/index.js';
import type { ProcessingStep } from '../config/resource-schema.js';
import { compileExpression } from '../plan/expression.js';
import { ResourceError } from '../resource-error.js';

type RowsOperator = MonoTypeOperatorFunction<Rows<Row>>;

/** The steps, in their order. An error in one of them names the resource, the step and the row. */
export function compileSteps(resource: string, steps: readonly ProcessingStep[]): RowsOperator {
  return steps.map((step, index) => compileStep(resource, step, index)).reduce((all, one) => pipe(all, one), pipe());
}

function compileStep(resource: string, step: ProcessingStep, index: number): RowsOperator {
  const [kind, work] = Object.entries(step)[0] as [string, string | ((row: Row) => unknown)];
  const run = typeof work === 'string' ? compileExpression(work) : (work as (row: unknown) => unknown);
  const failed = (reason: string, number: number, cause?: unknown) =>
    new ResourceError(
      'ERR_PROCESSING_STEP',
      resource,
      `processing_steps[${index}].${kind} failed at row ${number} of a page: ${reason}`,
      { cause },
    );
  const guarded = <T>(number: number, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw failed(error instanceof Error ? error.message : String(error), number, error);
    }
  };
  const apply = (row: Row, number: number): unknown => {
    const made = guarded(number, () => run(row));
    if (!(made instanceof Promise)) return made;
    made.catch(() => undefined);
    // As a condition it would be true, and as a row empty.
    throw failed('it gave a promise: a row is not waited for', number);
  };
  const object = (value: unknown, number: number): Row => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
    throw failed(`it made ${JSON.stringify(value)}, and a row is an object`, number);
  };
  switch (kind) {
    case 'filter':
      return filterRows(apply);
    case 'map':
      return mapRows((row, number) => object(apply(row, number), number));
    default:
      return flatMapRows((row, number) => {
        const made = apply(row, number);
        if (typeof made !== 'object' || made === null || !(Symbol.iterator in made))
          throw failed('it made no list', number);
        return guarded(number, () => [...(made as Iterable<unknown>)]).map((one) => object(one, number));
      });
  }
}
