// CSV and JSON lines have no place for metadata: what a Parquet file says in its footer is in a file beside them, in `.sluice/`.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { adviceFor, hasCode, writeDurably } from '../stage/index.js';
import { filePrint } from './file-print.js';
import { placeOf, tableName } from './layout.js';
import { TableError } from './table-error.js';

/** What is known of one published file. */
export interface TextDescription {
  /** Tells the file's content from any other: see `filePrint`. */
  readonly fingerprint: string;
  readonly rows: number;
  /** No line of the file is longer than this, in bytes. */
  readonly longestLine: number;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Sidecar {
  readonly version: 1;
  /** The file that is being put in place, and the one that was there: whichever a crash leaves is known. */
  readonly files: readonly TextDescription[];
  /** Of the files: a load id with another digit would be another load. Absent in what older versions wrote. */
  readonly checksum?: string;
}

/** Where a published file is described, or a draft that is to take its place. */
export function sidecarPath(path: string): string {
  const file = placeOf(path);
  return join(dirname(file), '.sluice', `${basename(file)}.table.json`);
}

/**
 * What is known of a file; `undefined` when it was not written here, or was changed since, or when what is known of it is damaged.
 * @throws TableError `ERR_TABLE_PATH` when that cannot be read
 */
export async function describedText(file: string): Promise<TextDescription | undefined> {
  const content = await readSidecar(file);
  if (content === undefined) return undefined;
  const found = await filePrint(file);
  return filesOf(content)?.find((each) => each.fingerprint === found);
}

async function readSidecar(file: string): Promise<string | undefined> {
  const path = sidecarPath(file);
  return await readFile(path, 'utf8').catch((cause: unknown) => {
    if (hasCode(cause, 'ENOENT')) return undefined;
    const message = `${path}, which describes ${file}, cannot be read: ${String(cause)}. ${adviceFor(cause)}`.trimEnd();
    throw new TableError('ERR_TABLE_PATH', tableName(file), message, { cause });
  });
}

/** `undefined` when it is damaged. */
function filesOf(content: string): readonly TextDescription[] | undefined {
  try {
    const { files, checksum } = JSON.parse(content) as Sidecar;
    return checksum === undefined || checksum === checksumOf(files) ? files : undefined;
  } catch {
    return undefined;
  }
}

function checksumOf(files: readonly TextDescription[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
}

/** Notes what is known of a file that is about to be put in the place of `file`. Durable when it resolves. */
export async function describeText(
  file: string,
  draft: string,
  description: Omit<TextDescription, 'fingerprint'>,
): Promise<void> {
  const previous = await describedText(file);
  const next = { fingerprint: await filePrint(draft), ...description };
  const all = previous === undefined ? [next] : [next, previous];
  const sidecar: Sidecar = { version: 1, files: all, checksum: checksumOf(all) };
  const path = sidecarPath(file);
  await writeDurably(path, JSON.stringify(sidecar));
}
