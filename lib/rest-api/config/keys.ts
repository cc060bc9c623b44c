// The two building blocks that the configuration's schema adds to zod: objects that know their keys, and keys of dlt's that are refused.
import * as z from 'zod';

/** The code under which `notYet` fails; its message is the sentence to show. */
export const unsupportedCode = 'unsupported';
/** The code of a `type` that is not registered. */
export const unknownType = 'unknown-type';
/** The code of a branch that only a program can take. */
export const notThere = 'not-there';

/** An object with exactly these keys. For an unknown key, zod's issue carries the known ones as its message, separated by spaces. */
export function keys<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}

/** A key that dlt has and Sluice refuses, so that it is never ignored in silence. `instead` says what to do. */
export function notYet(instead: string) {
  return z
    .custom<never>((value) => value === undefined, {
      message: instead,
      params: { code: unsupportedCode },
    })
    .optional();
}

/** A name that may not be empty. */
export const name = z.string().min(1);

/** The origin of an address, such as `https://api.example.com`; `undefined` for what is no address over HTTP. */
export function originOf(address: string): string | undefined {
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address).origin : undefined;
}
