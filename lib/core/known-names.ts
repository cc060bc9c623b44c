// Refuses names that nobody knows: a misspelt option must not be taken for one that was left out.
import { OptionError } from './errors.js';
import { nearest } from './nearest.js';

/**
 * Checks the names of what was given; those without a value are let through.
 * @param place What the names are in, such as `checkpoint`; empty for options of their own.
 * @throws OptionError `ERR_INVALID_OPTION` with the name that was probably meant
 */
export function checkNames(given: object | undefined, known: readonly string[], place = ''): void {
  if (given === undefined) return;
  const what = place === '' ? 'option' : `option in ${place}`;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    throw new OptionError(place === '' ? name : `${place}.${name}`, `there is no such ${what}; ${meant(name, known)}`);
  }
}

const shown = 30;

/** What to write in the place of a name that nobody knows. */
export function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  const more = known.length > shown ? ` and ${known.length - shown} more` : '';
  return `there are ${known.slice(0, shown).join(', ')}${more}.`;
}

/** The names of all options in `T`; the compiler sees to it that none is missing. */
export function namesOf<T>(names: Readonly<Record<keyof T, true>>): readonly string[] {
  return Object.keys(names);
}
