// Fills the placeholders of a path, so that a value can never change which part of the address it is in.

/** What would end a path or start something else in it. A slash is kept, as in dlt: `{repo}` may be `owner/name`. */
const unsafe = /[^\w.~!$&'()*+,;=:@/-]/gu;

/** A value that must not be put into a path; the message says why. */
export class PathFault extends Error {}

/**
 * A value as it goes into a path: what would end the path is encoded.
 *
 * @throws PathFault for a value with a segment `..` or `.`, which would lead to another path
 */
export function pathValue(value: unknown, field: string): string {
  // Through bytes and back, so that half a character cannot fail the encoding.
  const text = Buffer.from(String(value)).toString();
  if (text.split(/[/\\]/).some((segment) => segment === '..' || segment === '.')) {
    throw new PathFault(`"{${field}}" is ${JSON.stringify(text)}, which would lead to another path`);
  }
  return text.replace(unsafe, (char) => encodeURIComponent(char));
}
