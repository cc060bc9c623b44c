// A sink of your own, made of one that is there: it publishes a Parquet file, and then a copy of it somewhere else, such as on a network drive.
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { concatMap, type OperatorFunction } from 'rxjs';
import { OptionError, type Receipt, type Rows } from 'sluice';
import { type ParquetOptions, parquet } from 'sluice/sinks';

export interface MirroredOptions extends ParquetOptions {
  /** The folder for the copy. Made when it is not there. */
  readonly mirror: string;
}

/** As `parquet`, and its last receipt comes when the copy is in its place, too. */
export function mirrored(path: string, { mirror, ...options }: MirroredOptions): OperatorFunction<Rows, Receipt> {
  if (mirror === '') throw new OptionError('mirror', 'must be the path of a folder');
  return (source) => source.pipe(parquet(path, options), concatMap(copied));

  async function copied(receipt: Receipt): Promise<Receipt> {
    if (!receipt.published) return receipt;
    await mkdir(mirror, { recursive: true });
    for (const file of receipt.files) {
      const copy = join(mirror, basename(file));
      await copyFile(file, `${copy}.draft`);
      await rename(`${copy}.draft`, copy);
    }
    return receipt;
  }
}
