// Looks for a secret in everything that a run left behind.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a folder that hold the secret: as it is, URL-encoded, or in base64. */
export async function leftIn(folder: string, secret: string): Promise<readonly string[]> {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (forms.some((form) => content.includes(form))) found.push(file);
  }
  return found;
}
