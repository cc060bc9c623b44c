// Keeps a rotated refresh token in a file of its own, which only its owner can read.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { inTurn, markConfined, OptionError } from '../../core/index.js';
import { AuthError } from './auth.js';
import type { StoredToken, TokenStore } from './oauth2-refresh-token.js';

/**
 * A store for `oauth2RefreshToken` in one file. **The file holds a secret**: it is made with the mode 0600, and a file that others may read is
 * refused. Writing is atomic and durable: after a crash the file has the old token or the new one. It is read again before each exchange, so
 * that runs that follow each other, in any process, share it, and so do clients of one process, which take turns; two processes that run at
 * once should not, since a server may take the use of an old token for a theft.
 *
 * @param path Where it is kept. Not in the folder of the tables, if that is shared or copied. Its folder is made when it is not there.
 * @throws OptionError `ERR_INVALID_OPTION`
 * @throws AuthError `ERR_AUTH` (from the request) when the file cannot be read or written, or others may read it.
 * @example
 * oauth2RefreshToken({ tokenUrl: 'https://login.example.com/token', clientId: 'me', refreshToken: 'first', store: tokenFile('secrets/token.json') })
 */
export function tokenFile(path: string): TokenStore {
  if (typeof path !== 'string' || path === '')
    throw new OptionError('path', 'is empty; give the path of the token file');
  return markConfined({
    load: () => attempt(path, 'read', () => read(path)),
    save: (token) => attempt(path, 'written', () => write(path, token)),
    exclusive: (work) => inTurn(resolve(path), work),
  });
}

async function read(path: string): Promise<StoredToken | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new AuthError(
        `the token file ${path} may be read by others (its mode is ${(mode & 0o777).toString(8)}): make it yours alone with chmod 600`,
      );
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const { refresh_token: refreshToken, origin } = parse(text);
  if (typeof refreshToken === 'string' && typeof origin === 'string') return { refreshToken, origin };
  throw new AuthError(
    `the token file ${path} is not one that was written here: remove it to begin with the refresh token that was configured`,
  );
}

/** Never throws a text's own parts: they may be the secret. */
function parse(text: string): { readonly refresh_token?: unknown; readonly origin?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}

async function write(path: string, { refreshToken, origin }: StoredToken): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ refresh_token: refreshToken, origin })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes the new name durable, where folders can be synced. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(codeOf(error) ?? '')) throw error;
  }
}

async function attempt<T>(path: string, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError) throw error;
    throw new AuthError(`the token file ${path} cannot be ${verb}: ${codeOf(error) ?? 'unknown'}`, { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
