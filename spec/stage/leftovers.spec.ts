// What a run leaves is removed before the next one can have files of the same names.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { files } from '../../lib/stage/file-system.js';
import { removeLeftovers } from '../../lib/stage/set-aside.js';

describe('what is left of a stage', () => {
  let folder: string;
  const { rm: remove } = files;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-left-'));
    for (const name of ['lock', 'a.jsonl', 'b.jsonl']) await writeFile(join(folder, name), '');
  });
  afterEach(async () => {
    Object.assign(files, { rm: remove });
    await rm(folder, { recursive: true, force: true });
  });

  it('is removed, but for the lock', async () => {
    await removeLeftovers(folder);
    expect(await readdir(folder)).to.deep.equal(['lock']);
  });

  it('is no longer being removed when one of the files could not be', async () => {
    const failing: typeof remove = async (path, options) => {
      if (basename(String(path)) === 'a.jsonl') throw new Error('busy');
      await setTimeout(20);
      await remove(path, options);
    };
    Object.assign(files, { rm: failing });
    const error = await removeLeftovers(folder).catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'busy');
    expect(await readdir(folder)).to.have.members(['lock', 'a.jsonl']);
  });
});
