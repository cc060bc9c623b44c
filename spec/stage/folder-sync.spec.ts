// The names in a folder become durable for many with few syncs, and for each with one that began after it asked.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FolderSync } from '../../lib/stage/folder-sync.js';
import { files } from '../../lib/stage/index.js';

describe('the sync of a folder that many ask for', () => {
  const { open } = files;
  let folder: string;
  let begun: number;
  /** Ends the syncs that have begun, in their order. */
  let ends: ((error?: Error) => void)[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-folder-'));
    begun = 0;
    ends = [];
    files.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      handle.sync = () => {
        begun += 1;
        return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
      };
      return handle;
    };
  });
  afterEach(async () => {
    files.open = open;
    await rm(folder, { recursive: true, force: true });
  });

  const hasBegun = async (count: number): Promise<void> => {
    const until = performance.now() + 5000;
    while (begun < count && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(begun).to.equal(count);
  };

  it('is one for all who ask before it begins', async () => {
    const sync = new FolderSync(folder);
    const all = [sync.sync(), sync.sync(), sync.sync()];
    await hasBegun(1);
    ends[0]!();
    await Promise.all(all);
    expect(begun).to.equal(1);
  });

  it('is another one for those who ask while one is under way: it may not have their names', async () => {
    const sync = new FolderSync(folder);
    const first = sync.sync();
    await hasBegun(1);
    const late = [sync.sync(), sync.sync()];
    ends[0]!();
    await first;
    await hasBegun(2);
    ends[1]!();
    await Promise.all(late);
    expect(begun).to.equal(2);
  });

  it('fails for those who waited for it alone: the next ones have one of their own', async () => {
    const sync = new FolderSync(folder);
    const first = sync.sync().catch((error: Error) => error.message);
    await hasBegun(1);
    const next = sync.sync();
    ends[0]!(new Error('the disk'));
    expect(await first).to.equal('the disk');
    await hasBegun(2);
    ends[1]!();
    await next;
  });
});
