// Whole numbers under names, of which only a digest is kept: what must be remembered of very many walks or rows takes 20 to 60 bytes each.
import { createHash } from 'node:crypto';

/** Words of a slot: four of the digest, one for the value plus one; 0 there is a free slot. */
const words = 5;

/**
 * A map from names to whole numbers from 0 to 2^32 - 2. Names cannot be listed: it keeps 128 bits of a SHA-256 of each, which two names
 * do not share.
 *
 * @example
 * const pages = new DigestMap();
 * pages.set('posts/1', 7);
 * pages.get('posts/1'); // 7
 */
export class DigestMap {
  #slots = new Uint32Array(16 * words);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): number | undefined {
    const value = this.#slots[this.#find(digestOf(name)) + words - 1]!;
    return value === 0 ? undefined : value - 1;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, value: number): void {
    this.#put(digestOf(name), value + 1);
    if (this.#size * 3 > (this.#slots.length / words) * 2) this.#grow();
  }

  #put(digest: Uint32Array, value: number): void {
    const at = this.#find(digest);
    if (this.#slots[at + words - 1] === 0) {
      this.#slots.set(digest, at);
      this.#size += 1;
    }
    this.#slots[at + words - 1] = value;
  }

  /** The slot of the digest, or the free one where it belongs. */
  #find(digest: Uint32Array): number {
    const slots = this.#slots;
    const count = slots.length / words;
    let at = (digest[0]! % count) * words;
    while (slots[at + words - 1] !== 0 && !isAt(slots, at, digest)) at = (at + words) % slots.length;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#size = 0;
    for (let at = 0; at < old.length; at += words) {
      const value = old[at + words - 1]!;
      if (value !== 0) this.#put(old.subarray(at, at + words - 1), value);
    }
  }
}

function isAt(slots: Uint32Array, at: number, digest: Uint32Array): boolean {
  for (let word = 0; word < words - 1; word += 1) if (slots[at + word] !== digest[word]) return false;
  return true;
}

function digestOf(name: string): Uint32Array {
  const digest = createHash('sha256').update(name).digest();
  return Uint32Array.from([0, 4, 8, 12], (byte) => digest.readUInt32LE(byte));
}
