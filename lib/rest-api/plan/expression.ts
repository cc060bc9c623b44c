// Expressions of a configuration, in CEL: a language without loops, side effects and access to anything but the row.
import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';

/** An expression that cannot be read, or that does not fit a row; the message says why. */
export class ExpressionFault extends Error {}

/** The value of an expression for one row. @throws ExpressionFault */
export type Expression = (item: unknown) => unknown;

/** CEL has no arithmetic between int and double, and every number of a JSON text is a double to it. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** Made for the first expression: few configurations have one. */
let environment: Environment | undefined;

/**
 * Compiles an expression in which `item` is the row. Beside what CEL has, there are `merge(map, map)`, `omit(map, list)` and arithmetic
 * between whole and other numbers.
 *
 * @throws ExpressionFault
 * @example compileExpression('merge(item, {"total": item.price * item.count})')
 */
export function compileExpression(text: string): Expression {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new ExpressionFault(firstLine(error));
    }
  };
  environment ??= makeEnvironment();
  const parser = environment;
  const run = guarded(() => parser.parse(text));
  const { valid, error } = run.check();
  if (!valid) throw new ExpressionFault(firstLine(error));
  return (item) => guarded(() => plain(run({ item })));
}

/** The library shows the place in the text below its reason. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** CEL's whole numbers are bigints: those that a JSON number can hold become one, so that a row has the types it would have had. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

type Entries = Readonly<Record<string, unknown>> | Map<unknown, unknown>;

function makeEnvironment(): Environment {
  const { Environment } = createRequire(import.meta.url)(
    '@marcbachmann/cel-js',
  ) as typeof import('@marcbachmann/cel-js');
  const made = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
    .registerVariable('item', 'dyn')
    .registerFunction('merge(map, map): map', (a: Entries, b: Entries) => ({ ...record(a), ...record(b) }))
    .registerFunction('omit(map, list): map', (from: Entries, names: readonly unknown[]) =>
      Object.fromEntries(Object.entries(record(from)).filter(([name]) => !names.includes(name))),
    );
  for (const [sign, work] of Object.entries(arithmetic)) {
    const mixed = (a: unknown, b: unknown) => work(Number(a), Number(b));
    made.registerOperator(`double ${sign} int`, mixed).registerOperator(`int ${sign} double`, mixed);
  }
  return made;
}

function record(entries: Entries): Record<string, unknown> {
  return entries instanceof Map ? Object.fromEntries(entries) : entries;
}
