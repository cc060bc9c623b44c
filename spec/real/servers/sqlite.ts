// Reads the SQLite file behind a server, past the server.
import { join } from 'node:path';
import { recipeFolder, run } from './install.js';

/** The rows of a query. Integers come as `bigint`, bytes as `Uint8Array`; the file is not changed. */
export async function query(file: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const script = join(recipeFolder('sqlite'), 'query.py');
  return JSON.parse(await run('python3', [script, file, sql]), (_, value) => {
    if (typeof value?.$integer === 'string') return BigInt(value.$integer);
    if (typeof value?.$bytes === 'string') return Uint8Array.from(Buffer.from(value.$bytes, 'base64'));
    return value;
  });
}
