// dlt's default names: snake_case, by its rules, so that tables made with it keep their columns.

const letters: Readonly<Record<string, string>> = { '+': 'x', '*': 'x', '-': '_', '@': 'a', '|': 'l' };

/**
 * A key in dlt's snake_case: blanks at the ends off, `+` and `*` to `x`, `@` to `a`, `|` to `l`, everything else that is no letter or digit to
 * `_`, words in camel case apart, all in lower case, `_` before a leading digit, each `_` at the end to `x`, several `_` to one.
 *
 * @example snakeCase('userName') // "user_name"
 */
export function snakeCase(key: string): string {
  const plain = key
    .trim()
    .replace(/[+*\-@|]/g, (sign) => letters[sign]!)
    .replace(/[^A-Za-z0-9_]+/g, '_');
  const words = plain.replace(/(?<=[^_])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  return words
    .replace(/^(?=\d)/, '_')
    .replace(/_+$/, (end) => 'x'.repeat(end.length))
    .replace(/__+/g, '_');
}
