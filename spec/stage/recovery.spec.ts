// What a stage is recovered from: journals that were cut short, are damaged or older, and tables that were dropped.
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { crc32 } from '../../lib/stage/checksum.js';
import { at, lines, logged, staged } from './staged.js';

describe('the recovery of a stage', () => {
  const test = staged();

  it('drops a table for good only with the commit after that, and the other tables not at all', async () => {
    const first = await test.open(10);
    for (const table of ['a', 'b']) {
      for (let page = 0; page < 4; page += 1) first.table(table).append(at(page), lines('{"a":1}', '{"a":2}'));
    }
    await first.commit();
    await first.close();

    const cut = await test.open(10);
    cut.table('a').reset();
    await cut.table('a').close();
    await cut.close();
    expect((await readdir(test.folder)).filter((name) => name.startsWith('t-a.'))).to.have.length(4);

    const second = await test.open(10);
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

    const third = await test.open(10);
    expect(await logged(third, 'a')).to.equal('{"a":3}\n{"a":4}\n');
    expect([third.table('a').rows, third.table('b').rows]).to.deep.equal([2, 8]);
    expect(third.table('a').walks.restart('w')).to.deep.equal({ position: at(1) });
    expect((await readdir(test.folder)).filter((name) => name.startsWith('t-a.'))).to.have.length(1);
    third.table('a').append(at(2), lines('{"a":5}'));
    third.table('a').append(at(3), lines('{"a":6}'));
    await third.commit();
    expect(await logged(third, 'a')).to.equal('{"a":3}\n{"a":4}\n{"a":5}\n{"a":6}\n');
  });

  it('drops what was made in another way, once, and asks for the walks from their first page', async () => {
    const first = await test.open();
    expect(first.table('a').made('one')).to.equal(false);
    first.table('a').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    const second = await test.open();
    expect([second.table('a').made('one'), second.table('a').rows]).to.deep.equal([false, 1]);
    expect([second.table('a').made('two'), second.table('a').rows]).to.deep.equal([true, 0]);
    await second.commit();
    await second.close();
    const third = await test.open();
    expect(third.table('a').made('two')).to.equal(false);
    expect(third.table('a').walks.restart('w')).to.deep.equal({});
  });

  it('goes on with the journal of an older version, which no program of that version takes for its own afterwards', async () => {
    await mkdir(test.folder, { recursive: true });
    const segment = '{"a":1}\n{"a":22}\n';
    await writeFile(join(test.folder, 't-t.000001.jsonl'), `${segment}{"a":3`);
    const marks = { segments: [{ file: 't-t.000001.jsonl', bytes: 17, crc: crc32(Buffer.from(segment)) }], rows: 2 };
    const old = [
      { type: 'start', version: 1, loadId: 'old-load', startedAt: '2026-01-01T00:00:00Z' },
      {
        type: 'commit',
        tables: { t: { ...marks, longestLine: 8, shape: { seen: 1 }, walks: [{ walk: 'w', position: at(4) }] } },
      },
    ];
    await writeFile(join(test.folder, 'journal.jsonl'), old.map(record).join(''));
    for (const end of ['{"type":"comm', '']) {
      await appendFile(join(test.folder, 'journal.jsonl'), end);
      const stage = await test.open();
      expect([stage.loadId, stage.resumed, stage.isComplete('t')]).to.deep.equal(['old-load', true, false]);
      expect(await logged(stage, 't')).to.equal(segment);
      expect(stage.table('t').walks.restart('w')).to.deep.equal({ position: at(4) });
      expect(stage.table('t').recoveredShape).to.deep.equal({ seen: 1 });
      expect(stage.table('t').made('new')).to.equal(false);
      await stage.close();
      expect(await readFile(join(test.folder, 'journal.jsonl'), 'utf8')).to.include('"version":3');
      expect((await readdir(test.folder)).sort()).to.deep.equal(['journal.jsonl', 't-t.000001.jsonl']);
    }
    await writeFile(join(test.folder, 'journal.jsonl'), [...old, { type: 'complete' }].map(record).join(''));
    const complete = await test.open();
    expect(complete.isComplete('t')).to.equal(true);
  });

  it('goes on from the record before a record that was cut short, at whatever byte', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    const journal = join(test.folder, 'journal.jsonl');
    const whole = (await readFile(journal)).length;
    first.table('t').append(at(1), lines('{"a":2}'));
    await first.commit();
    const both = (await readFile(journal)).length;
    await first.close();
    for (let bytes = both - 1; bytes > whole; bytes -= 13) {
      await truncate(journal, bytes);
      const stage = await test.open();
      expect(stage.table('t').rows, `cut at ${bytes}`).to.equal(1);
      expect(await logged(stage, 't')).to.equal('{"a":1}\n');
      await stage.close();
      await appendFile(journal, Buffer.alloc(both - whole, 'x'));
    }
  });

  it('goes on with a journal that was cut short, and is gone on with in its turn', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await appendFile(join(test.folder, 'journal.jsonl'), '00000000 {"type":"comm');
    const second = await test.open();
    second.table('t').append(at(1), lines('{"a":2}'));
    await second.commit();
    await second.close();
    const third = await test.open();
    expect([third.resumed, third.table('t').rows, test.notes]).to.deep.equal([true, 2, []]);
  });

  it('begins anew under the load of an older version that had set a damaged stage aside, in a journal of this version', async () => {
    await mkdir(test.folder, { recursive: true });
    const load = { type: 'start', version: 2, loadId: 'old-load', startedAt: '2026-01-01T00:00:00Z' };
    await writeFile(join(test.folder, 'load.jsonl'), record(load));
    const stage = await test.open();
    expect([stage.loadId, stage.isDamaged]).to.deep.equal(['old-load', true]);
    await stage.close();
    expect(await readFile(join(test.folder, 'journal.jsonl'), 'utf8')).to.include('"version":3');
  });

  it('refuses a journal of a newer version', async () => {
    const stage = await test.open();
    stage.table('t').append(at(0), lines('{}'));
    await stage.commit();
    await stage.close();
    const newer = { type: 'start', version: 99, loadId: 'x', startedAt: '' };
    await writeFile(join(test.folder, 'journal.jsonl'), record(newer));
    expect(await failure(test.open())).to.have.property('code', 'ERR_STAGE_VERSION');
  });
});

/** A line of the journal. */
function record(content: object): string {
  const text = JSON.stringify(content);
  return `${crc32(Buffer.from(text)).toString(16).padStart(8, '0')} ${text}\n`;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}
