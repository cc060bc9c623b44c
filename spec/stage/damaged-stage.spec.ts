// What becomes of a stage of which a file is damaged: what is beside the journal stands for it, or the stage is set aside.
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { at, lines, logged, staged } from './staged.js';

describe('a stage of which a file is damaged', () => {
  const test = staged();

  for (const [what, damage] of [
    ['a changed byte in a segment', (): Promise<void> => overwrite(join(test.folder, 't-t.000001.jsonl'), 3)],
    ['a segment cut short', (): Promise<void> => truncate(join(test.folder, 't-t.000001.jsonl'), 5)],
    ['a missing segment', (): Promise<void> => rm(join(test.folder, 't-t.000001.jsonl'))],
    [
      'a changed byte in an early journal record',
      (): Promise<void> => overwrite(join(test.folder, 'journal.jsonl'), 20),
    ],
  ] as const) {
    it(`sets a damaged stage aside, says so, and begins anew: ${what}`, async () => {
      const first = await test.open();
      first.table('t').append(at(0), lines('{"a":1}'));
      await first.commit();
      await first.close();
      await damage();
      const second = await test.open();
      expect(second.resumed).to.equal(false);
      expect(second.table('t').rows).to.equal(0);
      // Of a load that may be published in part the name must not be lost; here the start of the journal tells it, or nothing does.
      expect(second.loadId === first.loadId).to.equal(what !== 'a changed byte in an early journal record');
      expect(test.notes.join()).to.match(/damaged.*starts from the beginning/);
      expect(await readdir(`${test.folder}.damaged`)).to.include('journal.jsonl');
    });
  }

  for (const [what, damage] of [
    ['in its start', (file: string): Promise<void> => overwrite(file, 20)],
    ['to nothing', (file: string): Promise<void> => truncate(file, 0)],
    ['altogether', (file: string): Promise<void> => rm(file)],
  ] as const) {
    it(`publishes the log of a load that has completed when the journal is lost ${what}`, async () => {
      const first = await test.open();
      first.table('t').append(at(0), lines('{"a":1}'));
      first.table('t').addDiscarded(1, 2);
      await first.commit();
      await first.markComplete(['t'], ['t']);
      await first.settle(['u']);
      await first.prepare('t', { total: 7 });
      await first.close();
      const journal = join(test.folder, 'journal.jsonl');
      await damage(journal);
      const second = await test.open();
      expect(test.notes.join()).to.match(
        /^The stage .* is damaged \(.*\)\. The run goes on from what load\.jsonl says in its place\.$/,
      );
      expect(second.table('t').prepared).to.deep.equal(what === 'in its start' ? { total: 7 } : undefined);
      await second.close();
      // What is written in the journal's place tells all of it, too.
      await rm(join(test.folder, 'load.jsonl'));
      const third = await test.open();
      expect([third.loadId, third.startedAt, third.resumed]).to.deep.equal([first.loadId, first.startedAt, true]);
      expect(['t', 'u'].map((table) => third.isComplete(table))).to.deep.equal([true, false]);
      expect([third.isPartial('t'), third.isSettled('u'), third.isSettled('t')]).to.deep.equal([true, true, false]);
      expect(await logged(third, 't')).to.equal('{"a":1}\n');
      expect([third.table('t').rows, third.table('t').discarded]).to.deep.equal([1, { rows: 1, values: 2 }]);
      expect(third.table('t').committedPositions).to.deep.equal([at(0)]);
      await third.close();
      // And so does what is written in the second place that was lost.
      await damage(journal);
      const fourth = await test.open();
      expect([fourth.isComplete('t'), await logged(fourth, 't')]).to.deep.equal([true, '{"a":1}\n']);
      await fourth.clear();
      expect((await test.open()).loadId).not.to.equal(first.loadId);
    });

    it(`keeps the name of a load, and what tells of other tables, when rows are damaged and the journal is lost then ${what}`, async () => {
      const first = await test.open();
      first.table('t').append(at(0), lines('{"a":1}'));
      first.table('all').tellsOfOthers = true;
      first.table('all').shapeSource = { version: () => 1, json: () => ({ t: null }) };
      first.table('all').append(at(0), lines());
      await first.commit();
      await first.markComplete(['t', 'all']);
      await first.settle(['u']);
      await first.close();
      await truncate(join(test.folder, 't-t.000001.jsonl'), 5);
      const second = await test.open();
      expect([second.resumed, second.isKnown, second.isComplete('t')]).to.deep.equal([false, true, false]);
      expect(test.notes.join()).to.match(/t-t\.000001\.jsonl has 5 bytes.*starts from the beginning/);
      await second.close();
      for (const file of ['journal.jsonl', 'load.jsonl', 'journal.jsonl']) {
        await damage(join(test.folder, file));
        const next = await test.open();
        expect([next.loadId, next.isKnown, next.isSettled('u')], file).to.deep.equal([first.loadId, true, true]);
        expect([next.table('t').rows, next.table('all').recoveredShape], file).to.deep.equal([0, { t: null }]);
        await next.close();
      }
    });
  }

  it('goes on with what its second place says when the journal has lost its end, and says nothing where a kill explains that', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    const before = (await readFile(join(test.folder, 'journal.jsonl'))).length;
    await first.markComplete(['t']);
    await first.settle(['t']);
    await first.close();
    await truncate(join(test.folder, 'journal.jsonl'), before);
    const second = await test.open();
    expect([second.isComplete('t'), second.isSettled('t'), test.notes]).to.deep.equal([true, true, []]);
    expect(await logged(second, 't')).to.equal('{"a":1}\n');
  });

  it('says so when the journal of a run that had rows is cut to nothing', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await truncate(join(test.folder, 'journal.jsonl'), 0);
    const second = await test.open();
    expect([second.isKnown, second.table('t').rows]).to.deep.equal([false, 0]);
    expect(test.notes.join()).to.match(/is damaged \(the journal has no start\).*starts from the beginning/);
    expect(await readdir(`${test.folder}.damaged`)).to.include('t-t.000001.jsonl');
  });

  it('says nothing of a run that was killed before its journal had a start', async () => {
    await mkdir(test.folder, { recursive: true });
    await writeFile(join(test.folder, 'journal.jsonl'), '00000');
    expect([(await test.open()).isKnown, test.notes]).to.deep.equal([false, []]);
  });

  it('keeps the name of a load in both places again, when one was lost before the next run publishes', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.markComplete(['t']);
    await first.close();
    await truncate(join(test.folder, 'load.jsonl'), 5);
    const second = await test.open();
    await second.markComplete(['t']);
    await second.close();
    await rm(join(test.folder, 'journal.jsonl'));
    expect((await test.open()).loadId).to.equal(first.loadId);
  });

  it('does not believe a journal in which one digit is another one', async () => {
    const first = await test.open();
    for (const page of [0, 1]) {
      first.table('t').append(at(page), lines('{"a":1}'));
      await first.commit();
    }
    await first.close();
    const journal = join(test.folder, 'journal.jsonl');
    await overwrite(journal, (await readFile(journal, 'utf8')).indexOf('"longestLine":7') + 14);
    const second = await test.open();
    expect(second.resumed).to.equal(false);
    expect(test.notes.join()).to.match(/damaged.*starts from the beginning/);
  });
});

async function overwrite(file: string, offset: number): Promise<void> {
  const content = await readFile(file);
  content[offset]! ^= 1;
  await writeFile(file, content);
}
