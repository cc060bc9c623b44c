// JSON as servers write it.

export const compact = (value: unknown): string => JSON.stringify(value);

/** As Python does: with a space behind each comma and each colon. */
export const spaced = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
    .join(', ')}}`;
};
