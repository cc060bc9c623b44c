// Reads the bytes of a response to their end, within a limit, and makes them text.
import { isAscii, transcode } from 'node:buffer';
import { Readable } from 'node:stream';
import type { FetchResponse } from './fetch-type.js';
import type { Signal } from './stop.js';

/** The body has more bytes than allowed. */
export class BodyTooLarge extends Error {}

export interface ReadOptions {
  /** In bytes, after decompression. */
  readonly limit: number;
  /** Whether what is beyond the limit is left unread instead of being an error. */
  readonly truncate?: boolean;
  /** Whether the memory of the body may belong to somebody else, and must be left as it is. @default false */
  readonly copy?: boolean;
  readonly signal: Signal;
  readonly onChunk: () => void;
}

/**
 * The whole body. The limit is checked as bytes arrive, so a body without end costs no more memory than the limit.
 * Leaving early closes the connection.
 * @throws BodyTooLarge
 */
export async function readBody(body: FetchResponse['body'], options: ReadOptions): Promise<Buffer> {
  const pieces = new Pieces(options);
  if (body instanceof Readable) return await readStream(body, pieces, options.signal);
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array | string>) if (pieces.add(part)) break;
  return pieces.whole();
}

/** What has come of a body. */
class Pieces {
  readonly #options: ReadOptions;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /** Whether it is enough. @throws BodyTooLarge, or the reason of the abort */
  add(part: Uint8Array | string): boolean {
    const { signal, onChunk, limit, truncate } = this.#options;
    signal.throwIfAborted();
    onChunk();
    const piece = typeof part === 'string' ? Buffer.from(part) : part;
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
    if (this.#size <= limit) return false;
    if (truncate) return true;
    throw new BodyTooLarge(`the body is larger than ${limit} bytes`);
  }

  whole(): Buffer {
    const { limit, truncate, copy } = this.#options;
    const [first] = this.#pieces;
    const bytes =
      first !== undefined && this.#pieces.length === 1 && !copy
        ? asBuffer(first)
        : Buffer.concat(this.#pieces, this.#size);
    return truncate ? bytes.subarray(0, limit) : bytes;
  }
}

/** Listens, since to iterate over a stream takes four times as long: a dozen promises for each body. */
function readStream(body: Readable, pieces: Pieces, signal: Signal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const closed = () => {
      // No error is made for a body that came to its end: that takes longer than reading it.
      if (!body.readableEnded) reject(body.errored ?? new Error('the body was closed before its end'));
    };
    // A stream that is closed tells so only when its connection is closed as well.
    signal.addEventListener('abort', () => reject(signal.reason));
    // It may have broken between its headers and now.
    if (body.destroyed) closed();
    body.on('error', reject).on('close', closed);
    body.on('end', () => resolve(pieces.whole()));
    body.on('data', (part: Uint8Array | string) => {
      try {
        if (!pieces.add(part)) return;
        resolve(pieces.whole());
      } catch (error) {
        reject(error);
      }
      body.destroy();
    });
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes as text: the byte order mark decides, then the charset of the content type, then UTF-8. */
export function decodeText(bytes: Buffer, contentType: string): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return fromUtf8(bytes.subarray(3));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  return isUtf8(contentType) ? fromUtf8(bytes) : decoder(charsetOf(contentType)).decode(bytes);
}

/** A larger one would need twice its size for a moment. In bytes. */
const largestRecoded = 1024 * 1024;

/** The platform's decoder goes sign by sign as soon as there is one beyond ASCII; to recode all of it in one go takes a third of the time. */
function fromUtf8(bytes: Buffer): string {
  if (bytes.byteLength > largestRecoded || isAscii(bytes)) return bytes.toString('utf8');
  try {
    return transcode(bytes, 'utf8', 'ucs2').toString('ucs2');
  } catch {
    // Bytes that are not UTF-8.
    return bytes.toString('utf8');
  }
}

/** Whether a content type stands for UTF-8, be it by saying nothing. */
export function isUtf8(contentType: string): boolean {
  const charset = charsetOf(contentType);
  return charset === 'utf-8' || charset === 'utf8';
}

function charsetOf(contentType: string): string {
  if (contentType !== lastCharset.of) {
    const charset = /charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
    lastCharset = { of: contentType, charset };
  }
  return lastCharset.charset;
}

/** The pages of a walk have one content type. */
let lastCharset = { of: '', charset: 'utf-8' };

function decoder(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    // A name that nobody knows: most such bodies are UTF-8 all the same.
    return new TextDecoder();
  }
}
