// CRC-32, the checksum of segments and journal records: the platform's where it has one.
import zlib from 'node:zlib';

/** The CRC-32 of `data`; give the result for what came before it as `before` to go on with a stream. */
export const crc32: (data: Uint8Array, before?: number) => number = zlib.crc32 ?? portableCrc32;

const table = new Uint32Array(256).map((_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The same without the platform: `zlib.crc32` came with Node 20.15. */
export function portableCrc32(data: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let i = 0; i < data.length; i += 1) crc = (crc >>> 8) ^ table[(crc ^ data[i]!) & 0xff]!;
  return ~crc >>> 0;
}
