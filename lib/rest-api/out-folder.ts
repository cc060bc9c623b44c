// The folder that a run writes into: made when it is not there, and whether an earlier run has left something in it to go on with.
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionError } from '../core/index.js';

/** @throws OptionError `ERR_INVALID_OPTION` when there can be no such folder */
export async function makeFolder(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new OptionError('out', `is "${out}", which is a file or below one; give a folder for the tables`);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      throw new OptionError('out', `is "${out}", a folder that may not be made (${code}); give another one`);
    throw error;
  }
}

/** Whether a run that did not come to its end has staged something in the folder: the next one goes on with it. */
export async function hasStage(out: string): Promise<boolean> {
  const stages = join(out, '.sluice');
  const names = await readdir(stages).catch(() => []);
  for (const name of names) {
    const found = await access(join(stages, name, 'journal.jsonl')).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
