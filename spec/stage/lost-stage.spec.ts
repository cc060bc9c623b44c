// What becomes of a stage of which files are gone, or cannot be read, or that has lost both places which say what load it is.
import { readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Stage } from '../../lib/stage/index.js';
import { recordCalls } from '../faults/crash/recording-disk.js';
import { at, lines, staged } from './staged.js';

describe('a stage that has lost more than one file, or whose files the disk does not give', () => {
  const test = staged();

  describe('with both places that say which load it is', () => {
    const complete = async (): Promise<Stage> => {
      const first = await test.open();
      first.table('t').append(at(0), lines('{"a":1}'));
      await first.commit();
      await first.markComplete(['t']);
      await first.settle([]);
      await first.close();
      return first;
    };
    const [journal, load] = ['journal.jsonl', 'load.jsonl'];

    for (const [what, damage, isKnown, isSure] of [
      ['a byte of each', [(file: string) => overwrite(file, 95), (file: string) => overwrite(file, 95)], true, true],
      [
        'the journal cut to nothing',
        [(file: string) => truncate(file, 0), (file: string) => overwrite(file, 95)],
        true,
        false,
      ],
      ['the journal gone', [(file: string) => rm(file), (file: string) => overwrite(file, 95)], true, false],
      [
        'another cut to nothing',
        [(file: string) => overwrite(file, 95), (file: string) => truncate(file, 0)],
        true,
        false,
      ],
      ['both cut to nothing', [(file: string) => truncate(file, 0), (file: string) => truncate(file, 0)], false, false],
    ] as const)
      it(`keeps the name of the load as far as it can be read, and says what that may mean: ${what}`, async () => {
        const first = await complete();
        await damage[0](join(test.folder, journal!));
        await damage[1](join(test.folder, load!));
        const second = await test.open();
        expect([second.resumed, second.loadId === first.loadId, second.isKnown]).to.deep.equal([
          false,
          isKnown,
          isKnown,
        ]);
        expect(test.notes.join()).to.match(/damaged.*starts from the beginning/);
        expect(test.notes.join().includes('its rows may be there twice')).to.equal(!isSure);
      });
  });

  it('says so when the journal is gone while rows come, and nothing when the run had come to its end', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await rm(join(test.folder, 'journal.jsonl'));
    const second = await test.open();
    expect(test.notes.join()).to.match(
      /^The journal of the stage .* is gone: what was staged is removed, and the run starts from the beginning\.$/,
    );
    test.notes = [];
    second.table('t').append(at(0), lines('{"a":1}'));
    await second.commit();
    await second.markComplete(['t']);
    await second.close();
    // As `clear` leaves it half-way.
    await rename(join(test.folder, 'load.jsonl'), join(test.folder, 'load.done'));
    await rm(join(test.folder, 'journal.jsonl'));
    expect((await test.open()).loadId).to.not.equal(second.loadId);
    expect(test.notes).to.deep.equal([]);
  });

  it('removes last what says that the run has come to its end', async () => {
    const stage = await test.open();
    stage.table('t').append(at(0), lines('{"a":1}'));
    await stage.commit();
    await stage.markComplete(['t']);
    const { trace } = await recordCalls(test.parent, () => stage.clear());
    const gone = trace.filter((call) => call.startsWith('rm ') && !call.includes('/lock'));
    expect(gone.at(-1)).to.match(/load\.done$/);
  });

  // The memory of this process cannot be read at its beginning.
  const isUnreadable = async (file: string): Promise<void> => {
    await rm(file, { force: true });
    await symlink('/proc/self/mem', file);
  };

  for (const isComplete of [false, true])
    it(`is set aside, or goes on from its second place, when the disk does not give its journal: rows ${isComplete ? 'had all come' : 'came'}`, async function () {
      if (process.platform !== 'linux') this.skip();
      const first = await test.open();
      first.table('t').append(at(0), lines('{"a":1}'));
      await first.commit();
      if (isComplete) await first.markComplete(['t']);
      await first.close();
      await isUnreadable(join(test.folder, 'journal.jsonl'));
      const second = await test.open();
      expect(second.resumed).to.equal(isComplete);
      expect(second.table('t').rows).to.equal(isComplete ? 1 : 0);
      expect(test.notes.join()).to.match(
        isComplete
          ? /is damaged \(the journal cannot be read\)\. The run goes on from/
          : /is damaged \(the journal cannot be read\).*starts from the beginning/,
      );
      if (!isComplete) expect(await readdir(`${test.folder}.damaged`)).to.include('journal.jsonl');
      await second.clear();
    });

  it('writes its second place anew when the disk does not give that', async function () {
    if (process.platform !== 'linux') this.skip();
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.markComplete(['t']);
    await first.close();
    await isUnreadable(join(test.folder, 'load.jsonl'));
    const second = await test.open();
    expect([second.loadId, second.isComplete('t'), test.notes]).to.deep.equal([first.loadId, true, []]);
    await second.close();
    expect(await readFile(join(test.folder, 'load.jsonl'), 'utf8')).to.include(first.loadId);
  });
});

async function overwrite(file: string, offset: number): Promise<void> {
  const content = await readFile(file);
  content[offset]! ^= 1;
  await writeFile(file, content);
}
