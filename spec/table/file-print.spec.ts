// A file that cannot be opened is never taken for one that is not there.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { filePrint } from '../../lib/table/file-print.js';

describe('the print of a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-print-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is that of its content, and empty where there is no file', async () => {
    for (const name of ['a', 'b']) await writeFile(join(folder, name), 'rows');
    await writeFile(join(folder, 'c'), 'other');
    expect(await filePrint(join(folder, 'a'))).to.equal(await filePrint(join(folder, 'b')));
    expect(await filePrint(join(folder, 'a'))).to.not.equal(await filePrint(join(folder, 'c')));
    expect(await filePrint(join(folder, 'none'))).to.equal('');
  });

  it('fails for a file that cannot be opened', async () => {
    const loop = join(folder, 'loop');
    await symlink(loop, loop);
    const error = await filePrint(loop).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'ELOOP');
  });
});
