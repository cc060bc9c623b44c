// Taking the lock of a folder that may not be there yet, and that goes away when its last user leaves.
import { dirname } from 'node:path';
import { hasCode, makeFolder } from './durable.js';
import { Lock } from './lock.js';
import { removeEmpty } from './set-aside.js';
import { ioError } from './stage-error.js';

/** Makes the folder and takes its lock. */
export async function takeLock(folder: string, options: { readonly durable?: boolean } = {}): Promise<Lock> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Beside it is what others count on, who find the folder above it there, and take its name for durable.
      await makeFolder(dirname(folder));
      await makeFolder(folder, options);
      return await Lock.acquire(folder);
    } catch (error) {
      // A run that just finished removed the folder, or the one above it, between two steps.
      if (attempt === 20 || !hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/**
 * Keeps other runs away from a folder. Returns the function that lets them in again.
 * @throws StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_IO`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  try {
    // It holds nothing but the lock, which means nothing after a power loss.
    const lock = await takeLock(folder, { durable: false });
    return async () => {
      await lock.release();
      await removeEmpty(folder);
    };
  } catch (error) {
    throw ioError(folder, `${folder} cannot be locked`, error);
  }
}
