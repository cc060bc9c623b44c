// The names of a configuration's options as those of the library: `total_path` -> `totalPath`.

/**
 * The options under their names in camel case. What is not given is left out, and so is a null, which dlt takes for nothing;
 * only the names in `nulls` keep theirs.
 */
export function camelCase(
  options: Readonly<Record<string, unknown>>,
  nulls: readonly string[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name, value]) => value !== undefined && (value !== null || nulls.includes(name)))
      .map(([name, value]) => [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** Names in a message of the library as the configuration writes them: `totalPath` -> `total_path`. */
export function snakeCase(text: string): string {
  return text.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}
