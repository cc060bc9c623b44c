// Compiles `processing_steps` into row operators.
import { type MonoTypeOperatorFunction, pipe } from 'rxjs';
import { filterRows, flatMapRows, mapRows } from '../../../operators/index.js';
import type { Row, Rows } from '../../core/index.js';
import type { ProcessingStep } from '../config/resource-schema.js';
import { compileExpression, ExpressionFault } from '../plan/expression.js';
import { ResourceError } from '../resource-error.js';

type RowsOperator = MonoTypeOperatorFunction<Rows<Row>>;

/** The steps, in their order. An error in one of them names the resource, the step and the row. */
export function compileSteps(resource: string, steps: readonly ProcessingStep[]): RowsOperator {
  return steps.map((step, index) => compileStep(resource, step, index)).reduce((all, one) => pipe(all, one), pipe());
}

function compileStep(resource: string, step: ProcessingStep, index: number): RowsOperator {
  const [kind, work] = Object.entries(step)[0] as [string, string | ((row: Row) => unknown)];
  const run = typeof work === 'string' ? compileExpression(work) : (work as (row: unknown) => unknown);
  const apply = (row: Row, number: number): unknown => {
    try {
      return run(row);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      throw failed(error.message, number);
    }
  };
  const failed = (reason: string, number: number) =>
    new ResourceError(
      'ERR_PROCESSING_STEP',
      resource,
      `processing_steps[${index}].${kind} failed at row ${number} of a page: ${reason}`,
    );
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
        return [...(made as Iterable<unknown>)].map((one) => object(one, number));
      });
  }
}
