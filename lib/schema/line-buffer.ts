// Bytes of many lines of text, put together without a string of all of them.

/** So many characters are turned into bytes at a time: a call for each short line takes longer, and so does one for a long text. */
const enough = 8192;

/** Lines in UTF-8, each with a line feed at its end. */
export class LineBuffer {
  #bytes: Buffer;
  #length = 0;
  #text = '';
  #characters = 0;
  #longest = 0;

  /** @param expected How many bytes are likely to come. */
  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  /** Adds one line, which has no line feed in it. */
  add(line: string): void {
    if (line.length > this.#longest) this.#longest = line.length;
    this.#text += line;
    this.#text += '\n';
    if (this.#text.length >= enough) this.#encode();
  }

  /** All lines, and the size in bytes of the longest. */
  end(): { readonly chunk: Buffer; readonly longestLine: number } {
    this.#encode();
    const chunk = this.#bytes.subarray(0, this.#length);
    // As long as all is ASCII, a character is a byte.
    return { chunk, longestLine: this.#length === this.#characters ? this.#longest : longestLineOf(chunk) };
  }

  #encode(): void {
    const { length } = this.#text;
    // A character takes at most three bytes. They are counted only where that might be too many.
    if (this.#length + 3 * length > this.#bytes.length) this.#reserve(Buffer.byteLength(this.#text));
    this.#length += this.#bytes.write(this.#text, this.#length);
    this.#characters += length;
    this.#text = '';
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function longestLineOf(chunk: Buffer): number {
  let longest = 0;
  for (let start = 0; start < chunk.length; ) {
    const end = chunk.indexOf(0x0a, start);
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
}
