// The headers of an answer as Node reads them from the wire.

/** A name in lower case, and its value. */
export type HeaderPair = [name: string, value: string];

export class RawHeaders implements Iterable<HeaderPair> {
  readonly #raw: readonly string[];
  /** Names in lower case; several values of one name are joined by `, `. */
  readonly plain: Record<string, string>;

  /** @param raw Names and values in turn. */
  constructor(raw: readonly string[]) {
    this.#raw = raw;
    this.plain = {};
    for (let at = 1; at < raw.length; at += 2) addHeader(this.plain, raw[at - 1] as string, raw[at] as string);
  }

  *[Symbol.iterator](): Generator<HeaderPair> {
    const raw = this.#raw;
    for (let at = 1; at < raw.length; at += 2) yield [(raw[at - 1] as string).toLowerCase(), raw[at] as string];
  }
}

/** Adds one value to the headers, whose names are in lower case. */
export function addHeader(headers: Record<string, string>, name: string, value: string): void {
  const key = name.toLowerCase();
  headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value;
}
