// A DuckDB BIT as a set of row numbers: counts how many of a range are in it.

/** As DuckDB stores it: a byte that tells how many bits of the next one do not count, then the bits. */
export interface Bits {
  readonly data: Uint8Array;
}

/** How many bits are set from `from` to before `to`. */
export function countBits({ data }: Bits, from: number, to: number): number {
  // All places count from the first bit after the leading byte.
  const padding = data[0]! + 8;
  let count = 0;
  let at = from + padding;
  const end = to + padding;
  while (at < end) {
    const byte = data[at >> 3]!;
    if (at % 8 === 0 && at + 8 <= end) {
      if (byte !== 0) count += ones[byte]!;
      at += 8;
    } else {
      count += (byte >> (7 - (at % 8))) & 1;
      at += 1;
    }
  }
  return count;
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});
