// Undoes the compression of a body, strictly: one that ends before its end is an error, never a shorter body.
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** What is asked for. */
export const acceptedEncodings = 'gzip, deflate, br';

/** The body without the codings of its `Content-Encoding`. Unknown ones stay. */
export function decompress(body: Readable, contentEncoding: string): Readable {
  const codings = contentEncoding.toLowerCase().split(',');
  return codings.reduceRight((stream, coding) => undo(stream, coding.trim()), body);
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
