// What becomes of a stage of which files are gone, or cannot be read, or that has lost both places which say what load it is.
import { mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Meter, type Position, type Progress } from '../../lib/core/index.js';
import { Stage } from '../../lib/stage/index.js';
import { recordCalls } from '../faults/crash/recording-disk.js';

const lines = (...texts: string[]) => ({
  data: Buffer.from(texts.map((text) => `${text}\n`).join('')),
  rows: texts.length,
  longestLine: Math.max(0, ...texts.map((text) => text.length)),
});
const at = (page: number, walk = 'w'): Position => ({ walk, page, next: page + 1 });

describe('a stage that has lost more than one file, or whose files the disk does not give', () => {
  let parent: string;
  let folder: string;
  let opened: Stage[];
  let notes: string[];

  const open = async (rotateBytes?: number): Promise<Stage> => {
    const meter = new Meter();
    meter.events.subscribe((event: Progress) => event.type === 'note' && notes.push(event.message));
    const stage = await Stage.open({ folder, meter, ...(rotateBytes !== undefined && { rotateBytes }) });
    opened.push(stage);
    return stage;
  };
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'sluice-stage-'));
    folder = join(parent, '.sluice', 'a');
    opened = [];
    notes = [];
  });
  afterEach(async () => {
    for (const stage of opened) await stage.close();
    await rm(parent, { recursive: true, force: true });
  });

  describe('with both places that say which load it is', () => {
    const complete = async (): Promise<Stage> => {
      const first = await open();
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
        await damage[0](join(folder, journal!));
        await damage[1](join(folder, load!));
        const second = await open();
        expect([second.resumed, second.loadId === first.loadId, second.isKnown]).to.deep.equal([
          false,
          isKnown,
          isKnown,
        ]);
        expect(notes.join()).to.match(/damaged.*starts from the beginning/);
        expect(notes.join().includes('its rows may be there twice')).to.equal(!isSure);
      });
  });

  it('says so when the journal is gone while rows come, and nothing when the run had come to its end', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await rm(join(folder, 'journal.jsonl'));
    const second = await open();
    expect(notes.join()).to.match(
      /^The journal of the stage .* is gone: what was staged is removed, and the run starts from the beginning\.$/,
    );
    notes = [];
    second.table('t').append(at(0), lines('{"a":1}'));
    await second.commit();
    await second.markComplete(['t']);
    await second.close();
    // As `clear` leaves it half-way.
    await rename(join(folder, 'load.jsonl'), join(folder, 'load.done'));
    await rm(join(folder, 'journal.jsonl'));
    expect((await open()).loadId).to.not.equal(second.loadId);
    expect(notes).to.deep.equal([]);
  });

  it('removes last what says that the run has come to its end', async () => {
    const stage = await open();
    stage.table('t').append(at(0), lines('{"a":1}'));
    await stage.commit();
    await stage.markComplete(['t']);
    const { trace } = await recordCalls(parent, () => stage.clear());
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
      const first = await open();
      first.table('t').append(at(0), lines('{"a":1}'));
      await first.commit();
      if (isComplete) await first.markComplete(['t']);
      await first.close();
      await isUnreadable(join(folder, 'journal.jsonl'));
      const second = await open();
      expect(second.resumed).to.equal(isComplete);
      expect(second.table('t').rows).to.equal(isComplete ? 1 : 0);
      expect(notes.join()).to.match(
        isComplete
          ? /is damaged \(the journal cannot be read\)\. The run goes on from/
          : /is damaged \(the journal cannot be read\).*starts from the beginning/,
      );
      if (!isComplete) expect(await readdir(`${folder}.damaged`)).to.include('journal.jsonl');
      await second.clear();
    });

  it('writes its second place anew when the disk does not give that', async function () {
    if (process.platform !== 'linux') this.skip();
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.markComplete(['t']);
    await first.close();
    await isUnreadable(join(folder, 'load.jsonl'));
    const second = await open();
    expect([second.loadId, second.isComplete('t'), notes]).to.deep.equal([first.loadId, true, []]);
    await second.close();
    expect(await readFile(join(folder, 'load.jsonl'), 'utf8')).to.include(first.loadId);
  });
});

async function overwrite(file: string, offset: number): Promise<void> {
  const content = await readFile(file);
  content[offset]! ^= 1;
  await writeFile(file, content);
}
