// Damages what a stage holds of its tables, and not what it says of them.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Changes a byte of the rows that are staged: each segment that has some. */
export async function changeRows(stage: string): Promise<void> {
  for (const name of await readdir(stage)) {
    if (!/^t-.*\.jsonl$/.test(name)) continue;
    const content = await readFile(join(stage, name));
    if (content.length > 0) content[content.length >> 1]! ^= 1;
    await writeFile(join(stage, name), content);
  }
}
