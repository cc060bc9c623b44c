// Making files and their names survive a power loss: what is synced, and how a folder is synced.
import { copyFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { files } from './file-system.js';

/** Makes the names in a folder durable: those of files created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof files.open>>;
  try {
    handle = await files.open(folder, 'r');
  } catch (error) {
    // Windows cannot open a folder, and needs no such call.
    if (hasCode(error, 'EISDIR', 'EPERM') && process.platform === 'win32') return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems know no sync of a folder: there the names are as safe as the server makes them.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'EPERM', 'EBADF')) throw error;
  } finally {
    await handle.close();
  }
}

/** Makes a file's content durable. */
export async function syncFile(file: string): Promise<void> {
  const handle = await files.open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Puts something in the place of a file's content: readers, and whoever comes after a crash, see the old content or the new one. Durable when
 * it resolves. The folder is made when it is not there.
 */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(file));
  const draft = `${file}.draft`;
  const handle = await files.open(draft, 'w');
  try {
    const data = Buffer.from(content);
    for (let done = 0; done < data.length; ) done += (await handle.write(data, done)).bytesWritten;
    await handle.sync();
  } finally {
    await handle.close();
  }
  await files.rename(draft, file);
  await syncFolder(dirname(file));
}

/** Renames a file, or copies it where that is on another disk: then the caller syncs it, and the original stays. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    await copyFile(from, to);
  }
}

/** Creates a folder and its parents, and makes their names durable, unless nothing in it is to outlive the system. */
export async function makeFolder(folder: string, { durable = true } = {}): Promise<void> {
  const first = await files.mkdir(folder, { recursive: true }).catch(async (error: unknown) => {
    if (hasCode(error, 'ENOENT')) throw (await refusal(folder)) ?? error;
    throw error;
  });
  if (first === undefined || !durable) return;
  for (let made = resolve(folder); ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === resolve(first) || made === dirname(made)) return;
  }
}

/** Why a folder cannot be made: on a read-only file system Node says of several that they are not there. */
async function refusal(folder: string): Promise<unknown> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    try {
      await files.mkdir(at);
      return undefined;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) return hasCode(error, 'EEXIST') ? undefined : error;
      if (at === dirname(at)) return undefined;
    }
  }
}

/** Whether an error of a system call has one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && codes.includes(code);
}
