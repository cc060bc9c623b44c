// A segment that is said to be finished, so that it can be sealed, is written to its end: whoever read it before would miss rows.
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Position } from '../../lib/core/index.js';
import { Stage, type TableLog } from '../../lib/stage/index.js';

const mebibyte = 1024 * 1024;
const at = (page: number): Position => ({ walk: 'w', page, next: page + 1 });
const line = (bytes: number) => ({ data: Buffer.alloc(bytes, 'x').fill('\n', bytes - 1), rows: 1, longestLine: bytes });

describe('a finished segment', () => {
  let folder: string;
  let stage: Stage;
  let log: TableLog;
  /** The bytes of each segment when it was first said to be finished. */
  let told: number[];

  const open = async (rotateBytes: number): Promise<void> => {
    stage = await Stage.open({ folder: join(folder, 'stage'), rotateBytes });
    log = stage.table('t');
    log.onFinished = () => {
      const file = stage.finishedSegments('t')[told.length]!;
      told.push(statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    };
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-finished-'));
    told = [];
  });
  afterEach(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is written to its end when another one follows it, also what came after the last commit', async () => {
    await open(100);
    log.append(at(0), line(60));
    await stage.commit();
    expect(stage.finishedSegments('t'), 'the one that is appended to').to.deep.equal([]);
    log.append(at(1), line(60));
    log.append(at(2), line(60));
    expect(told).to.deep.equal([]);
    await stage.commit();
    expect(told).to.deep.equal([120]);
  });

  it('is written to its end when that takes several writes', async () => {
    await open(2 * mebibyte);
    for (let page = 0; page < 4; page += 1) log.append(at(page), line(mebibyte));
    await stage.commit();
    expect(told).to.deep.equal([2 * mebibyte]);
  });
});
