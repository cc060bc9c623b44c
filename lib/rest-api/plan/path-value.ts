// Puts values into a path, so that none can change which part of the address it is in.

/** What would end a path or start something else in it. A slash is kept, as in dlt: `{repo}` may be `owner/name`. */
const unsafe = /[^\w.~!$&'()*+,;=:@/-]/gu;

/** A value that must not be put into a path; the message says why. */
export class PathFault extends Error {}

/**
 * A value as it goes into a path: what would end the path is encoded; with `whole` everything is, slashes too.
 *
 * @throws PathFault for a value with a segment `..` or `.`, which would lead to another path
 */
export function pathValue(
  value: string,
  { field, whole = false }: { readonly field: string; readonly whole?: boolean },
): string {
  // Through bytes and back, so that half a character cannot fail the encoding.
  const text = Buffer.from(value).toString();
  if (text.split(/[/\\]/).some((segment) => segment === '..' || segment === '.')) {
    throw new PathFault(`"{${field}}" is ${JSON.stringify(text)}, which would lead to another path`);
  }
  return whole ? encodeURIComponent(text) : text.replace(unsafe, (char) => encodeURIComponent(char));
}
