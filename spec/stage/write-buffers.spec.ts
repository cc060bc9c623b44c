// The buffers of a stage, however many tables it has.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Position } from '../../lib/core/index.js';
import { Stage } from '../../lib/stage/index.js';
import { WriteBuffers } from '../../lib/stage/write-buffers.js';

const mebibyte = 1024 * 1024;

describe('the write buffers of a stage', () => {
  it('are large for the first tables, and small for the others', () => {
    const buffers = new WriteBuffers();
    const sizes = Array.from({ length: 10 }, () => buffers.take(100)?.length);
    expect(sizes).to.deep.equal([...Array<number>(8).fill(mebibyte), 65536, 65536]);
  });

  it('are used again', () => {
    const buffers = new WriteBuffers();
    const taken = Array.from({ length: 9 }, () => buffers.take(100)!);
    for (const buffer of taken) buffers.give(buffer);
    const again = Array.from({ length: 9 }, () => buffers.take(100));
    expect(new Set(again)).to.deep.equal(new Set(taken));
  });

  it('are not for what would fill one alone', () => {
    const buffers = new WriteBuffers();
    expect(buffers.take(mebibyte / 2 + 1)).to.equal(undefined);
    for (let count = 0; count < 8; count++) buffers.take(1);
    expect(buffers.take(40_000)).to.equal(undefined);
  });

  it('that are lost or let go of are made anew', () => {
    const buffers = new WriteBuffers();
    const taken = Array.from({ length: 8 }, () => buffers.take(1)!);
    buffers.lost(taken[0]!);
    expect(buffers.take(1)).to.have.length(mebibyte);
    buffers.give(taken[1]!);
    buffers.clear();
    expect(buffers.take(1)).to.have.length(mebibyte).and.not.equal(taken[1]);
  });

  it('let each table have less when much waits over all', () => {
    const buffers = new WriteBuffers();
    expect(buffers.allowance).to.equal(4 * mebibyte);
    buffers.waiting = 16 * mebibyte;
    expect(buffers.allowance).to.equal(mebibyte / 8);
  });

  it('take the same memory for 300 tables as for 30, and lose nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-buffers-'));
    try {
      const stage = await Stage.open({ folder: join(folder, 'stage') });
      const before = process.memoryUsage().arrayBuffers;
      const line = `{"text":"${'x'.repeat(5_000)}"}\n`;
      for (let page = 0; page < 4; page++) {
        for (let table = 0; table < 300; table++) {
          const position: Position = { walk: 'w', page, next: null };
          const data = Buffer.from(line);
          stage.table(`table_${table}`).append(position, { data, rows: 1, longestLine: line.length - 1 });
        }
      }
      // A buffer of a mebibyte for each would be 300.
      expect((process.memoryUsage().arrayBuffers - before) / mebibyte).to.be.below(50);
      await stage.commit();
      const logs = (await readdir(stage.folder)).filter((name) => name.endsWith('.jsonl') && name.startsWith('t-'));
      expect(logs).to.have.length(300);
      for (const name of logs) expect(await readFile(join(stage.folder, name), 'utf8')).to.equal(line.repeat(4));
      await stage.clear();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
