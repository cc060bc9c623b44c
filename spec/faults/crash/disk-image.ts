// What is on a disk after a crash, in memory: it is written to a folder only when nothing like it was tried before.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Checksums of contents that are part of many images. */
const sums = new WeakMap<Buffer, string>();

export class DiskImage {
  readonly #folders = new Set<string>();
  readonly #files = new Map<string, Buffer>();

  /** @param path Relative to the folder that the image is of, as that of a file. */
  addFolder(path: string): void {
    for (let each = path; each !== '.' && each !== ''; each = dirname(each)) this.#folders.add(each);
  }

  addFile(path: string, content: Buffer): void {
    this.addFolder(dirname(path));
    this.#files.set(path, content);
  }

  /** The same for two images when all their names and all their bytes are. */
  get print(): string {
    const files = [...this.#files].map(([path, content]) => `${path} ${sumOf(content)}`);
    return [...[...this.#folders].map((path) => `${path}/`), ...files].sort().join('\n');
  }

  async write(target: string): Promise<void> {
    await mkdir(target, { recursive: true });
    for (const path of [...this.#folders].sort()) await mkdir(join(target, path), { recursive: true });
    for (const [path, content] of this.#files) await writeFile(join(target, path), content);
  }
}

function sumOf(content: Buffer): string {
  const sum = sums.get(content) ?? createHash('sha1').update(content).digest('hex');
  sums.set(content, sum);
  return sum;
}
