// The stage on real files: commit, going on, the lock.
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { StageError } from '../../lib/stage/index.js';
import { at, lines, logged, staged } from './staged.js';

/** The names of a table's segments, from one number to another. */
const names = (table: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `t-${table}.${String(first + at).padStart(6, '0')}.jsonl`);

describe('the stage', () => {
  const test = staged();

  it('goes on from its last commit: rows, shape, positions, load id', async () => {
    const first = await test.open();
    first.table('t').shapeSource = { version: () => 1, json: () => ({ columns: 2 }) };
    first.table('t').append(at(0), lines('{"a":1}', '{"a":22}'));
    await first.commit();
    first.table('t').append(at(1), lines('{"a":333}'));
    await first.table('t').close();
    await first.close();

    const second = await test.open();
    const log = second.table('t');
    expect(second.resumed).to.equal(true);
    expect(second.loadId).to.equal(first.loadId);
    expect(await logged(second, 't')).to.equal('{"a":1}\n{"a":22}\n');
    expect([log.rows, log.longestLine, log.recoveredShape]).to.deep.equal([2, 8, { columns: 2 }]);
    expect(log.walks.restart('w')).to.deep.equal({ position: at(0) });
  });

  it('takes no segment for finished before all of its rows are written, also when it was filled up during a commit', async () => {
    const stage = await test.open(20);
    const log = stage.table('t');
    log.append(at(0), lines('{"a":1}'));
    const commit = stage.commit();
    log.append(at(1), lines('{"a":2}', '{"a":3}'));
    log.append(at(2), lines('{"a":4}'));
    await commit;
    expect(stage.segments('t')).to.have.length(1);
    expect(stage.finishedSegments('t')).to.deep.equal([]);
    await stage.commit();
    const [first = ''] = stage.finishedSegments('t');
    expect(stage.finishedSegments('t')).to.have.length(1);
    expect(await readFile(first, 'utf8')).to.equal('{"a":1}\n{"a":2}\n{"a":3}\n');
  });

  it('keeps nothing of what is dropped during a commit', async () => {
    const stage = await test.open();
    const log = stage.table('t');
    log.append(at(0), lines('{"a":1}'));
    const commit = stage.commit();
    log.reset();
    log.append(at(0), lines('{"a":2}'));
    await commit;
    await stage.commit();
    expect(await logged(stage, 't')).to.equal('{"a":2}\n');
  });

  it('cuts off what was written after the last commit', async () => {
    const first = await test.open();
    first.table('t').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.close();
    await appendFile(join(test.folder, 't-t.000001.jsonl'), '{"a":2}\n{"a":3');
    await writeFile(join(test.folder, 't-t.000002.jsonl'), '{"a":4}\n');
    const second = await test.open();
    expect(await logged(second, 't')).to.equal('{"a":1}\n');
    expect((await readdir(test.folder)).sort()).to.deep.equal(['journal.jsonl', 'lock', 't-t.000001.jsonl']);
  });

  it('appends to the segments of the earlier run, over many rotations and commits', async () => {
    let expected = '';
    for (let run = 0; run < 3; run += 1) {
      const stage = await test.open(40);
      for (let page = 0; page < 20; page += 1) {
        const line = JSON.stringify({ run, page });
        stage.table('t').append(at(run * 20 + page), lines(line));
        expected += `${line}\n`;
        if (page % 7 === 0) await stage.commit();
      }
      await stage.commit();
      expect(await logged(stage, 't')).to.equal(expected);
      await stage.close();
    }
    const last = await test.open(40);
    expect(last.segments('t').length).to.be.greaterThan(5);
    expect(await logged(last, 't')).to.equal(expected);
  });

  it('tells of each segment that is written to its end, before a commit does, and of none that was dropped', async () => {
    const stage = await test.open(10);
    const log = stage.table('t');
    const told: (readonly string[])[] = [];
    log.onFinished = () => told.push(log.finishedSegments);
    const batch = 'x'.repeat(600_000);
    for (let page = 0; page < 4; page += 1) log.append(at(page), lines(batch));
    while (told.length < 3) await new Promise((done) => setTimeout(done, 5));
    expect(told).to.deep.equal([1, 2, 3].map((count) => names('t', 1, count)));
    expect(stage.segments('t')).to.deep.equal([]);
    await stage.commit();
    expect(log.finishedSegments).to.deep.equal(names('t', 1, 3));
    expect(stage.segments('t').length).to.equal(4);
    log.reset();
    expect(log.finishedSegments).to.deep.equal([]);
    for (let page = 0; page < 2; page += 1) log.append(at(page), lines(batch));
    while (told.length < 4) await new Promise((done) => setTimeout(done, 5));
    expect(log.finishedSegments).to.deep.equal(names('t', 5, 5));
  });

  it('keeps the tables of one run in one commit', async () => {
    const first = await test.open();
    first.table('a').append(at(0), lines('{"a":1}'));
    first.table('b/ü').append(at(0, 'x'), lines('{"b":1}'));
    await first.commit();
    await first.close();
    const second = await test.open();
    expect(second.recoveredTables).to.have.members(['a', 'b/ü']);
    expect(await logged(second, 'b/ü')).to.equal('{"b":1}\n');
  });

  it('keeps tables apart whose long names begin alike', async () => {
    const names = ['甲', '乙', '甲__items'].map((end) => `${'数据'.repeat(20)}${end}`);
    const first = await test.open();
    for (const name of names) first.table(name).append(at(0), lines(`{"of":"${name}"}`));
    await first.commit();
    await first.close();
    const second = await test.open();
    for (const name of names) expect(await logged(second, name)).to.equal(`{"of":"${name}"}\n`);
  });

  it('remembers which sources have completed, also that of a table of which nothing came', async () => {
    const first = await test.open();
    first.table('a').append(at(0), lines('{"a":1}'));
    await first.commit();
    await first.markComplete(['a', 'empty']);
    await first.close();
    const second = await test.open();
    expect(['a', 'empty', 'other'].map((table) => second.isComplete(table))).to.deep.equal([true, true, false]);
  });

  it('leaves nothing behind when it is closed before anything was committed', async () => {
    const stage = await test.open();
    stage.table('t').append(at(0), lines('{}'));
    await stage.close();
    expect(await readdir(test.parent)).to.deep.equal([]);
  });

  it('leaves nothing behind when it is cleared', async () => {
    const stage = await test.open();
    stage.table('t').append(at(0), lines('{}'));
    await stage.commit();
    await stage.clear();
    expect(await readdir(test.parent)).to.deep.equal([]);
  });

  it('lets one run in at a time and names the one that is there', async () => {
    const first = await test.open();
    const error = await failure(test.open());
    expect(error).to.be.instanceOf(StageError);
    expect(error).to.have.property('code', 'ERR_STAGE_LOCKED');
    expect((error as StageError).message).to.include(`process ${process.pid} on `);
    await first.close();
    await test.open();
  });

  it('says what to do when its test.folder cannot be made', async () => {
    await writeFile(join(test.parent, '.sluice'), 'a file');
    const error = await failure(test.open());
    expect(error).to.have.property('code', 'ERR_STAGE_IO');
    expect((error as StageError).message).to.match(/Choose another output folder/);
  });

  it('commits nothing more after a commit that failed', async () => {
    const stage = await test.open();
    stage.table('t').append(at(0), lines('{"a":1}'));
    await stage.commit();
    await rm(join(test.folder, 'lock'));
    stage.table('t').append(at(1), lines('{"a":2}'));
    expect(await failure(stage.commit())).to.have.property('code', 'ERR_STAGE_LOST');
    stage.table('t').append(at(2), lines('{"a":3}'));
    expect(await failure(stage.commit())).to.have.property('code', 'ERR_STAGE_LOST');
    await stage.close();
    expect((await test.open()).table('t').rows).to.equal(1);
  });
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}
