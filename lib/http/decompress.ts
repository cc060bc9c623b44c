// Undoes the compression of a body, strictly: one that ends before its end is an error, never a shorter body.
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, type Zlib } from 'node:zlib';
import type { FetchResponse } from './fetch-type.js';
import { type HeaderPair, RawHeaders } from './raw-headers.js';

/** What is asked for. */
export const acceptedEncodings = 'gzip, deflate, br';

/** An answer as it came. */
export interface CodedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders | readonly HeaderPair[];
  readonly body: Readable | null;
}

/** Compressions that are not undone: their bytes would pass for a text, and rows for none. */
const foreign = new Set(['zstd', 'compress', 'x-compress', 'dcb', 'dcz', 'bzip2', 'xz', 'lzma', 'lz4', 'snappy']);

/**
 * The answer to a request of that method with its body decompressed, by its `Content-Encoding`. A body of no bytes stays empty. What is no
 * compression stays as it is; the body in one that nobody asked for errors with the code `ERR_CONTENT_ENCODING`.
 */
export function decompressed(response: CodedResponse, method: string): FetchResponse {
  const { body, headers } = response;
  const coded = headers instanceof RawHeaders ? headers.plain['content-encoding'] : codingOf(headers);
  if (coded === undefined || body === null || !hasBody(method, response.status)) return response;
  return {
    ...response,
    body: coded.split(',').reduceRight((stream, coding) => undo(stream, coding.trim().toLowerCase()), body),
  };
}

function codingOf(headers: readonly HeaderPair[]): string | undefined {
  const codings = headers.filter(([name]) => name === 'content-encoding');
  return codings.length === 0 ? undefined : codings.map(([, value]) => value).join();
}

/** Whether an answer has a body by its nature. */
function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

function undo(body: Readable, coding: string): Readable {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return through(body, createGunzip());
    case 'br':
      return through(body, createBrotliDecompress());
    case 'deflate':
    case 'x-deflate':
      return Readable.from(inflate(body), { objectMode: false });
    default:
      return foreign.has(coding) ? refused(body, coding) : body;
  }
}

function refused(body: Readable, coding: string): Readable {
  // Without a listener its own error would end the process.
  body.on('error', () => {}).destroy();
  const error = new Error(`the body is compressed with ${coding}, which was not asked for`);
  return new Readable({
    read() {
      this.destroy(Object.assign(error, { code: 'ERR_CONTENT_ENCODING' }));
    },
  });
}

/** The standard says zlib, some servers send the bare data: the first byte tells. */
async function* inflate(body: Readable): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await source.next();
  if (first.done) return;
  const decoder = ((first.value[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
  const whole = Readable.from(
    (async function* () {
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => source };
    })(),
    { objectMode: false },
  );
  yield* through(whole, decoder);
}

/** An error above goes on below, and leaving early closes what is above. Where nothing came, there is nothing to be undone. */
function through(body: Readable, decoder: Transform & Zlib): Readable {
  const finish = decoder._flush.bind(decoder);
  decoder._flush = (done) => (decoder.bytesWritten === 0 ? done() : finish(done));
  pipeline(body, decoder, () => {});
  return decoder;
}
