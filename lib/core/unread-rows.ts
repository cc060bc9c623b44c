// The records of a page whose text is known to be JSON, and of which no value has been made yet: a list like any other to those who look into it.
import type { RawLines, UnreadBody } from './raw-body.js';
import type { RowScanner, Scanned } from './row-scanner.js';

const lineFeed = 0x0a;
const comma = 0x2c;
/** Of so many records the values are made one by one: whoever looks at more looks at all. */
const mostSingle = 16;

const unread = new WeakMap<object, UnreadRows>();

/** The records that a list stands for; `undefined` where it is a list of values. */
export function unreadOf(list: object): UnreadRows | undefined {
  return unread.get(list);
}

export class UnreadRows implements UnreadBody {
  readonly by: RowScanner;
  readonly count: number;
  /** Whether `JSON.stringify` would write each record as it stands. */
  readonly isCanonical: boolean;
  /** The records as a list: it has their number at once, and makes the values of those that are asked for. */
  readonly list: readonly unknown[];
  readonly #body: Buffer;
  readonly #bounds: Uint32Array;
  /** Behind the list. */
  readonly #end: number;
  readonly #values: unknown[];
  #made = 0;
  #lines: RawLines | undefined;
  readonly #madeAll: () => void;

  /** @param madeAll Called when the values of all records have been made. */
  constructor(by: RowScanner, body: Buffer, scanned: Scanned, madeAll: () => void) {
    this.by = by;
    this.count = scanned.count;
    this.isCanonical = scanned.isCanonical;
    this.#body = body;
    this.#bounds = scanned.bounds;
    this.#end = scanned.end;
    this.#madeAll = madeAll;
    this.#values = new Array(this.count);
    this.list = this.#asList();
    unread.set(this.list, this);
  }

  /** A record as it stands in the body. */
  bytes(index: number): Buffer {
    return this.#body.subarray(this.#bounds[2 * index], this.#bounds[2 * index + 1]);
  }

  lines(): RawLines {
    this.#lines ??= this.#cut();
    return this.#lines;
  }

  bodyText(): string {
    if (this.#lines === undefined) return this.#body.toString('utf8');
    const body = Buffer.from(this.#body);
    this.#borders((at) => {
      body[at] = comma;
    });
    body[this.#end - 1] = 0x5d;
    return body.toString('utf8');
  }

  #cut(): RawLines {
    const body = this.#body;
    if (this.count === 0) return { chunk: Buffer.alloc(0), longestLine: 0 };
    const start = this.#bounds[0]!;
    const behind = this.#end - 1;
    let line = start;
    let longestLine = 0;
    this.#borders((at) => {
      body[at] = lineFeed;
      longestLine = Math.max(longestLine, at - line);
      line = at + 1;
    });
    body[behind] = lineFeed;
    return { chunk: body.subarray(start, behind + 1), longestLine: Math.max(longestLine, behind - line) };
  }

  /** Where there is a comma between two records, or was. */
  #borders(each: (at: number) => void): void {
    for (let index = 1; index < this.count; index += 1) {
      let at = this.#bounds[2 * index - 1]!;
      while (this.#body[at] !== comma && this.#body[at] !== lineFeed) at += 1;
      each(at);
    }
  }

  #asList(): readonly unknown[] {
    const values = this.#values;
    const all = () => {
      this.#makeAll();
      return values;
    };
    return new Proxy(values, {
      get: (_, name, list) => {
        if (typeof name === 'string' && this.#made < this.count && name !== 'length') {
          const index = Number(name);
          if (Number.isInteger(index)) this.#make(index);
        }
        return Reflect.get(values, name, list);
      },
      has: (_, name) => Reflect.has(all(), name),
      ownKeys: () => Reflect.ownKeys(all()),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(all(), name),
      set: (_, name, value) => Reflect.set(all(), name, value),
      defineProperty: (_, name, descriptor) => Reflect.defineProperty(all(), name, descriptor),
      deleteProperty: (_, name) => Reflect.deleteProperty(all(), name),
    });
  }

  #make(index: number): void {
    if (index < 0 || index >= this.count || index in this.#values) return;
    if (this.#made >= mostSingle) {
      this.#makeAll();
      return;
    }
    this.#values[index] = JSON.parse(this.bytes(index).toString());
    this.#made += 1;
  }

  #makeAll(): void {
    if (this.#made >= this.count) return;
    for (let index = 0; index < this.count; index += 1)
      if (!(index in this.#values)) this.#values[index] = JSON.parse(this.bytes(index).toString());
    this.#made = this.count;
    this.#madeAll();
  }
}
