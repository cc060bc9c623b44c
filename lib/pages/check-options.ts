// Checks the options of paginators.
import { jsonPath, OptionError } from '../core/index.js';

/** @throws OptionError when the value is not a whole number of at least `minimum`. */
export function checkWhole(option: string, value: unknown, minimum: number): void {
  if (!(Number.isSafeInteger(value) && (value as number) >= minimum))
    throw new OptionError(
      option,
      `must be a whole number of at least ${minimum}, not ${JSON.stringify(value) ?? value}`,
    );
}

/** @throws OptionError when the value is given and is not a text with something in it. */
export function checkName(option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || value === ''))
    throw new OptionError(option, `must be a name, not ${JSON.stringify(value) ?? value}`);
}

/** @throws OptionError when the value is given and is not a JSONPath. */
export function checkPath(option: string, value: unknown): void {
  if (value === undefined || value === null) return;
  checkName(option, value);
  jsonPath(value as string, option);
}

/** @throws OptionError when the value is given and is neither true nor false. */
export function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new OptionError(option, `must be true or false, not ${JSON.stringify(value) ?? value}`);
}
