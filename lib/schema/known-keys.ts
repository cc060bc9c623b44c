// The keys of objects that stand at one place, what was seen of their values, and in which order they came.
import { isIndex, wordsOf } from './json-text.js';
import { areFieldNames } from './names.js';
import type { Seen } from './seen.js';

/** A key, and what was seen of its values. */
export class KnownKey {
  /** As JSON writes it, with its quotes and the colon. */
  readonly text: Buffer;
  readonly words: Int32Array;
  readonly seen: Seen;
  /** Whether each record must have a value there. */
  readonly isRequired: boolean;
  /** Whether an object lists it first, wherever it stands. */
  readonly isIndex: boolean;
  /** The object in which it stood last: a key can be given twice. */
  owner = 0;
  /** The key that came behind it the last time: mostly it is the same. */
  next: KnownKey | undefined;
  #keys: KnownKeys | undefined;

  constructor(key: string, seen: Seen, isRequired = false) {
    this.text = Buffer.from(`${JSON.stringify(key)}:`);
    this.words = wordsOf(this.text);
    this.seen = seen;
    this.isRequired = isRequired;
    this.isIndex = isIndex(key);
  }

  /** Those of the objects that stand there. */
  get keys(): KnownKeys {
    this.#keys ??= KnownKeys.of(this.seen);
    return this.#keys;
  }
}

export class KnownKeys {
  /** The key that came first the last time. */
  first: KnownKey | undefined;
  readonly #known = new Map<string, KnownKey>();
  readonly #open: (key: string) => KnownKey | undefined;
  readonly #fields: () => Seen['fields'];
  #fieldsLooked = 0;
  #isStruct = true;

  /**
   * @param open Makes a key known that was seen.
   * @param fields The keys so far, where they may be fields.
   */
  constructor(open: (key: string) => KnownKey | undefined, fields: () => Seen['fields'] = () => undefined) {
    this.#open = open;
    this.#fields = fields;
  }

  /** Whether a struct can have all of them as fields; else its values are JSON. */
  get areFields(): boolean {
    const fields = this.#fields();
    if (fields !== undefined && fields.size > this.#fieldsLooked) {
      this.#fieldsLooked = fields.size;
      this.#isStruct = areFieldNames(fields.keys());
    }
    return this.#isStruct;
  }

  /** The keys of objects of which this was seen. */
  static of(seen: Seen): KnownKeys {
    const open = (key: string) => {
      const field = seen.fields?.get(key);
      return field && new KnownKey(key, field);
    };
    return new KnownKeys(open, () => seen.fields);
  }

  get(key: string): KnownKey | undefined {
    const known = this.#known.get(key) ?? this.#open(key);
    if (known !== undefined) this.#known.set(key, known);
    return known;
  }
}
