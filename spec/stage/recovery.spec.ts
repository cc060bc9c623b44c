// What a stage is recovered from: journals that were cut short, are damaged or older, and tables that were dropped.
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Meter, type Position, type Progress } from '../../lib/core/index.js';
import { crc32 } from '../../lib/stage/checksum.js';
import { Stage } from '../../lib/stage/index.js';

const lines = (...texts: string[]) => ({
  data: Buffer.from(texts.map((text) => `${text}\n`).join('')),
  rows: texts.length,
  longestLine: Math.max(0, ...texts.map((text) => text.length)),
});
const at = (page: number, walk = 'w'): Position => ({ walk, page, next: page + 1 });

describe('the recovery of a stage', () => {
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
  const logged = async (stage: Stage, table: string): Promise<string> =>
    (await Promise.all(stage.segments(table).map((file) => readFile(file, 'utf8')))).join('');

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

  it('drops a table for good only with the commit after that, and the other tables not at all', async () => {
    const first = await open(10);
    for (const table of ['a', 'b']) {
      for (let page = 0; page < 4; page += 1) first.table(table).append(at(page), lines('{"a":1}', '{"a":2}'));
    }
    await first.commit();
    await first.close();

    const cut = await open(10);
    cut.table('a').reset();
    await cut.table('a').close();
    await cut.close();
    expect((await readdir(folder)).filter((name) => name.startsWith('t-a.'))).to.have.length(4);

    const second = await open(10);
    expect(second.table('a').rows).to.equal(8);
    second.table('a').reset();
    expect([second.table('a').rows, second.segments('a')]).to.deep.equal([0, []]);
    expect(second.table('a').walks.restart('w')).to.deep.equal({});
    expect(second.table('a').walks.isReplay(at(0))).to.equal(false);
    second.table('a').append(at(0), lines('{"a":3}'));
    await second.commit();
    second.table('a').append(at(1), lines('{"a":4}'));
    await second.commit();
    await second.close();

    const third = await open(10);
    expect(await logged(third, 'a')).to.equal('{"a":3}\n{"a":4}\n');
    expect([third.table('a').rows, third.table('b').rows]).to.deep.equal([2, 8]);
    expect(third.table('a').walks.restart('w')).to.deep.equal({ position: at(1) });
    expect((await readdir(folder)).filter((name) => name.startsWith('t-a.'))).to.have.length(1);
    third.table('a').append(at(2), lines('{"a":5}'));
    third.table('a').append(at(3), lines('{"a":6}'));
    await third.commit();
    expect(await logged(third, 'a')).to.equal('{"a":3}\n{"a":4}\n{"a":5}\n{"a":6}\n');
  });

  it('drops what was made in another way, once, and asks for the walks from their first page', async () => {
    const first = await open();
    expect(first.table('a').made('one')).to.equal(false);
    first.table('a').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    const second = await open();
    expect([second.table('a').made('one'), second.table('a').rows]).to.deep.equal([false, 1]);
    expect([second.table('a').made('two'), second.table('a').rows]).to.deep.equal([true, 0]);
    await second.commit();
    await second.close();
    const third = await open();
    expect(third.table('a').made('two')).to.equal(false);
    expect(third.table('a').walks.restart('w')).to.deep.equal({});
  });

  it('goes on with the journal of an older version, which no program of that version takes for its own afterwards', async () => {
    await mkdir(folder, { recursive: true });
    const segment = '{"a":1}\n{"a":22}\n';
    await writeFile(join(folder, 't-t.000001.jsonl'), `${segment}{"a":3`);
    const marks = { segments: [{ file: 't-t.000001.jsonl', bytes: 17, crc: crc32(Buffer.from(segment)) }], rows: 2 };
    const old = [
      { type: 'start', version: 1, loadId: 'old-load', startedAt: '2026-01-01T00:00:00Z' },
      {
        type: 'commit',
        tables: { t: { ...marks, longestLine: 8, shape: { seen: 1 }, walks: [{ walk: 'w', position: at(4) }] } },
      },
    ];
    await writeFile(join(folder, 'journal.jsonl'), old.map(record).join(''));
    for (const end of ['{"type":"comm', '']) {
      await appendFile(join(folder, 'journal.jsonl'), end);
      const stage = await open();
      expect([stage.loadId, stage.resumed, stage.isComplete('t')]).to.deep.equal(['old-load', true, false]);
      expect(await logged(stage, 't')).to.equal(segment);
      expect(stage.table('t').walks.restart('w')).to.deep.equal({ position: at(4) });
      expect(stage.table('t').recoveredShape).to.deep.equal({ seen: 1 });
      expect(stage.table('t').made('new')).to.equal(false);
      await stage.close();
      expect(await readFile(join(folder, 'journal.jsonl'), 'utf8')).to.include('"version":3');
      expect((await readdir(folder)).sort()).to.deep.equal(['journal.jsonl', 't-t.000001.jsonl']);
    }
    await writeFile(join(folder, 'journal.jsonl'), [...old, { type: 'complete' }].map(record).join(''));
    const complete = await open();
    expect(complete.isComplete('t')).to.equal(true);
  });

  it('goes on from the record before a record that was cut short, at whatever byte', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    const journal = join(folder, 'journal.jsonl');
    const whole = (await readFile(journal)).length;
    first.table('t').append(at(1), lines('{"a":2}'));
    await first.commit();
    const both = (await readFile(journal)).length;
    await first.close();
    for (let bytes = both - 1; bytes > whole; bytes -= 13) {
      await truncate(journal, bytes);
      const stage = await open();
      expect(stage.table('t').rows, `cut at ${bytes}`).to.equal(1);
      expect(await logged(stage, 't')).to.equal('{"a":1}\n');
      await stage.close();
      await appendFile(journal, Buffer.alloc(both - whole, 'x'));
    }
  });

  for (const [what, damage] of [
    ['a changed byte in a segment', (): Promise<void> => overwrite(join(folder, 't-t.000001.jsonl'), 3)],
    ['a segment cut short', (): Promise<void> => truncate(join(folder, 't-t.000001.jsonl'), 5)],
    ['a missing segment', (): Promise<void> => rm(join(folder, 't-t.000001.jsonl'))],
    ['a changed byte in an early journal record', (): Promise<void> => overwrite(join(folder, 'journal.jsonl'), 20)],
  ] as const) {
    it(`sets a damaged stage aside, says so, and begins anew: ${what}`, async () => {
      const first = await open();
      first.table('t').append(at(0), lines('{"a":1}'));
      await first.commit();
      await first.close();
      await damage();
      const second = await open();
      expect(second.resumed).to.equal(false);
      expect(second.table('t').rows).to.equal(0);
      // Of a load that may be published in part the name must not be lost; here the start of the journal tells it, or nothing does.
      expect(second.loadId === first.loadId).to.equal(what !== 'a changed byte in an early journal record');
      expect(notes.join()).to.match(/damaged.*starts from the beginning/);
      expect(await readdir(`${folder}.damaged`)).to.include('journal.jsonl');
    });
  }

  for (const [what, damage] of [
    ['in its start', (file: string): Promise<void> => overwrite(file, 20)],
    ['to nothing', (file: string): Promise<void> => truncate(file, 0)],
    ['altogether', (file: string): Promise<void> => rm(file)],
  ] as const) {
    it(`publishes the log of a load that has completed when the journal is lost ${what}`, async () => {
      const first = await open();
      first.table('t').append(at(0), lines('{"a":1}'));
      first.table('t').addDiscarded(1, 2);
      await first.commit();
      await first.markComplete(['t'], ['t']);
      await first.settle(['u']);
      await first.prepare('t', { total: 7 });
      await first.close();
      const journal = join(folder, 'journal.jsonl');
      await damage(journal);
      const second = await open();
      expect(notes.join()).to.match(
        /^The stage .* is damaged \(.*\)\. The run goes on from what load\.jsonl says in its place\.$/,
      );
      expect(second.table('t').prepared).to.deep.equal(what === 'in its start' ? { total: 7 } : undefined);
      await second.close();
      // What is written in the journal's place tells all of it, too.
      await rm(join(folder, 'load.jsonl'));
      const third = await open();
      expect([third.loadId, third.startedAt, third.resumed]).to.deep.equal([first.loadId, first.startedAt, true]);
      expect(['t', 'u'].map((table) => third.isComplete(table))).to.deep.equal([true, false]);
      expect([third.isPartial('t'), third.isSettled('u'), third.isSettled('t')]).to.deep.equal([true, true, false]);
      expect(await logged(third, 't')).to.equal('{"a":1}\n');
      expect([third.table('t').rows, third.table('t').discarded]).to.deep.equal([1, { rows: 1, values: 2 }]);
      expect(third.table('t').committedPositions).to.deep.equal([at(0)]);
      await third.close();
      // And so does what is written in the second place that was lost.
      await damage(journal);
      const fourth = await open();
      expect([fourth.isComplete('t'), await logged(fourth, 't')]).to.deep.equal([true, '{"a":1}\n']);
      await fourth.clear();
      expect((await open()).loadId).not.to.equal(first.loadId);
    });

    it(`keeps the name of a load, and what tells of other tables, when rows are damaged and the journal is lost then ${what}`, async () => {
      const first = await open();
      first.table('t').append(at(0), lines('{"a":1}'));
      first.table('all').tellsOfOthers = true;
      first.table('all').shapeSource = { version: () => 1, json: () => ({ t: null }) };
      first.table('all').append(at(0), lines());
      await first.commit();
      await first.markComplete(['t', 'all']);
      await first.settle(['u']);
      await first.close();
      await truncate(join(folder, 't-t.000001.jsonl'), 5);
      const second = await open();
      expect([second.resumed, second.isKnown, second.isComplete('t')]).to.deep.equal([false, true, false]);
      expect(notes.join()).to.match(/t-t\.000001\.jsonl has 5 bytes.*starts from the beginning/);
      await second.close();
      for (const file of ['journal.jsonl', 'load.jsonl', 'journal.jsonl']) {
        await damage(join(folder, file));
        const next = await open();
        expect([next.loadId, next.isKnown, next.isSettled('u')], file).to.deep.equal([first.loadId, true, true]);
        expect([next.table('t').rows, next.table('all').recoveredShape], file).to.deep.equal([0, { t: null }]);
        await next.close();
      }
    });
  }

  it('goes on with what its second place says when the journal has lost its end, and says nothing where a kill explains that', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    const before = (await readFile(join(folder, 'journal.jsonl'))).length;
    await first.markComplete(['t']);
    await first.settle(['t']);
    await first.close();
    await truncate(join(folder, 'journal.jsonl'), before);
    const second = await open();
    expect([second.isComplete('t'), second.isSettled('t'), notes]).to.deep.equal([true, true, []]);
    expect(await logged(second, 't')).to.equal('{"a":1}\n');
  });

  it('says so when the journal of a run that had rows is cut to nothing', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await truncate(join(folder, 'journal.jsonl'), 0);
    const second = await open();
    expect([second.isKnown, second.table('t').rows]).to.deep.equal([false, 0]);
    expect(notes.join()).to.match(/is damaged \(the journal has no start\).*starts from the beginning/);
    expect(await readdir(`${folder}.damaged`)).to.include('t-t.000001.jsonl');
  });

  it('says nothing of a run that was killed before its journal had a start', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'journal.jsonl'), '00000');
    expect([(await open()).isKnown, notes]).to.deep.equal([false, []]);
  });

  it('keeps the name of a load in both places again, when one was lost before the next run publishes', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.markComplete(['t']);
    await first.close();
    await truncate(join(folder, 'load.jsonl'), 5);
    const second = await open();
    await second.markComplete(['t']);
    await second.close();
    await rm(join(folder, 'journal.jsonl'));
    expect((await open()).loadId).to.equal(first.loadId);
  });

  it('goes on with a journal that was cut short, and is gone on with in its turn', async () => {
    const first = await open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await appendFile(join(folder, 'journal.jsonl'), '00000000 {"type":"comm');
    const second = await open();
    second.table('t').append(at(1), lines('{"a":2}'));
    await second.commit();
    await second.close();
    const third = await open();
    expect([third.resumed, third.table('t').rows, notes]).to.deep.equal([true, 2, []]);
  });

  it('does not believe a journal in which one digit is another one', async () => {
    const first = await open();
    for (const page of [0, 1]) {
      first.table('t').append(at(page), lines('{"a":1}'));
      await first.commit();
    }
    await first.close();
    const journal = join(folder, 'journal.jsonl');
    await overwrite(journal, (await readFile(journal, 'utf8')).indexOf('"longestLine":7') + 14);
    const second = await open();
    expect(second.resumed).to.equal(false);
    expect(notes.join()).to.match(/damaged.*starts from the beginning/);
  });

  it('refuses a journal of a newer version', async () => {
    const stage = await open();
    stage.table('t').append(at(0), lines('{}'));
    await stage.commit();
    await stage.close();
    const newer = { type: 'start', version: 99, loadId: 'x', startedAt: '' };
    await writeFile(join(folder, 'journal.jsonl'), record(newer));
    expect(await failure(open())).to.have.property('code', 'ERR_STAGE_VERSION');
  });
});

/** A line of the journal. */
function record(content: object): string {
  const text = JSON.stringify(content);
  return `${crc32(Buffer.from(text)).toString(16).padStart(8, '0')} ${text}\n`;
}

async function overwrite(file: string, offset: number): Promise<void> {
  const content = await readFile(file);
  content[offset]! ^= 1;
  await writeFile(file, content);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}
