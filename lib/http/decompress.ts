// Undoes the compression of a body, strictly: one that ends before its end is an error, never a shorter body.
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { FetchResponse } from './fetch-type.js';

/** What is asked for. */
export const acceptedEncodings = 'gzip, deflate, br';

/** A name in lower case, and its value. */
export type HeaderPair = [name: string, value: string];

/** An answer as it came. */
export interface CodedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Readable | null;
}

/** The answer to a request of that method with its body decompressed, by its `Content-Encoding`. Unknown codings stay. */
export function decompressed(response: CodedResponse, method: string): FetchResponse {
  const { body, headers } = response;
  const codings = headers.filter(([name]) => name === 'content-encoding').flatMap(([, value]) => value.split(','));
  if (codings.length === 0 || body === null || !hasBody(method, response.status)) return response;
  return {
    ...response,
    body: codings.reduceRight((stream, coding) => undo(stream, coding.trim().toLowerCase()), body),
  };
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
      return body;
  }
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

/** An error above goes on below, and leaving early closes what is above. */
function through(body: Readable, decoder: Transform): Readable {
  pipeline(body, decoder, () => {});
  return decoder;
}
