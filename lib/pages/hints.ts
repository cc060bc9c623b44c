// What a body says about its pages: the values beside its records whose names tell of links, cursors, totals and numbers.

/** One value of a body that is not part of the records. */
export interface Hint {
  /** As a JSONPath. */
  readonly path: string;
  /** The name of the value, as it is written. */
  readonly key: string;
  /** The name without signs, in lower case; `odata` in front left out. */
  readonly name: string;
  readonly value: unknown;
  /** Path of the object that it stands in. */
  readonly parent: string;
  /** Name of that object, in the same way; empty for the body itself. */
  readonly parentName: string;
}

const maximumDepth = 4;

/**
 * All values of a body outside of lists, in document order. Objects beside each other that have the same names are rows, as in
 * `{ "a1": { "id": … }, "b2": { "id": … } }`: what is in them is left out.
 */
export function hintsOf(body: unknown): Hint[] {
  const found: Hint[] = [];
  collect(body, [], found);
  return found;
}

function collect(value: unknown, names: readonly string[], found: Hint[]): void {
  if (!isObject(value) || names.length >= maximumDepth) return;
  const parentName = plain(names.at(-1) ?? '');
  for (const [key, inner] of Object.entries(value)) {
    found.push({
      path: pathOf([...names, key]),
      key,
      name: plain(key),
      value: inner,
      parent: pathOf(names),
      parentName,
    });
    if (!isRowOf(value, inner)) collect(inner, [...names, key], found);
  }
}

/** Whether an object has a name for what follows that another one beside it has too: one page has one next page. */
function isRowOf(outer: object, inner: unknown): boolean {
  if (!isObject(inner)) return false;
  const next = Object.keys(inner).find((key) => plain(key).startsWith('next'));
  if (next === undefined) return false;
  return Object.values(outer).some((other) => other !== inner && isObject(other) && Object.hasOwn(other, next));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name without signs, in lower case. */
export function plain(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^odata/, '');
}

function pathOf(names: readonly string[]): string {
  if (names.length === 0) return '$';
  if (names.every((name) => /^[\w-]+$/.test(name))) return names.join('.');
  return `$${names.map((name) => `['${name.replace(/[\\']/g, '\\$&')}']`).join('')}`;
}

/** The first hint with one of these names whose value passes. The order of the names decides. */
export function hintNamed(
  hints: readonly Hint[],
  names: readonly string[],
  passes: (value: unknown) => boolean,
): Hint | undefined {
  for (const name of names) {
    const found = hints.find((hint) => hint.name === name && passes(hint.value));
    if (found) return found;
  }
  return undefined;
}

/** A whole number, also one written as text. */
export function asCount(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && /^\d+$/.test(value)
      ? Number(value)
      : typeof value === 'bigint'
        ? Number(value)
        : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export const isCount = (value: unknown): boolean => asCount(value) !== undefined;

/** Whether a value looks like a link: absolute, a path, or something with a query; or an object that holds one. */
export function isLink(value: unknown): boolean {
  if (typeof value === 'string') return /^(https?:\/\/|\/|\?|\.\.?\/)|^[\w./-]+\?[^\s=]+=/i.test(value);
  const held = linkIn(value);
  return typeof held === 'string' && isLink(held);
}

/** What stands where an object has its link; `undefined` where it has no such place. */
export function linkIn(value: unknown): unknown {
  if (!isObject(value)) return undefined;
  const { href, url, uri, link } = value as { href?: unknown; url?: unknown; uri?: unknown; link?: unknown };
  return href ?? url ?? uri ?? link ?? ([href, url, uri, link].includes(null) ? null : undefined);
}
