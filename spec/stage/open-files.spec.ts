// A stage has few files open, however many tables it has.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Position } from '../../lib/core/index.js';
import { files, Stage } from '../../lib/stage/index.js';

describe('the files of a stage with many tables', () => {
  const { open } = files;
  const tables = 300;
  let folder: string;
  let now: Set<number>;
  let most: number;
  /** How often each file was synced, by its path. */
  let syncs: Map<string, number>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-open-'));
    now = new Set();
    most = 0;
    syncs = new Map();
    files.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      const { fd } = handle;
      const [close, sync] = [handle.close.bind(handle), handle.sync.bind(handle)];
      most = Math.max(most, now.add(fd).size);
      handle.close = async () => {
        now.delete(fd);
        await close();
      };
      handle.sync = async () => {
        syncs.set(String(path), (syncs.get(String(path)) ?? 0) + 1);
        await sync();
      };
      return handle;
    };
  });
  afterEach(async () => {
    files.open = open;
    await rm(folder, { recursive: true, force: true });
  });

  const at = (page: number): Position => ({ walk: 'w', page, next: page + 1 });
  const line = (page: number) => Buffer.from(`${JSON.stringify({ page, text: 'x'.repeat(40_000) })}\n`);

  function appendTo(stage: Stage, page: number): void {
    const data = line(page);
    for (let table = 0; table < tables; table++)
      stage.table(`t${table}`).append(at(page), { data, rows: 1, longestLine: data.length });
  }

  it('are at most a hundred at a time, and hold all that was committed', async () => {
    const stage = await Stage.open({ folder: join(folder, 'stage') });
    for (const page of [0, 1]) {
      appendTo(stage, page);
      await stage.commit();
      appendTo(stage, page + 2);
    }
    await stage.commit();
    expect(most).to.be.within(60, 100);
    const names = (await readdir(stage.folder)).filter((name) => name.startsWith('t-'));
    expect(names).to.have.length(tables);
    const whole = Buffer.concat([0, 2, 1, 3].map(line));
    for (const name of names) expect((await readFile(join(stage.folder, name))).equals(whole), name).to.equal(true);
    await stage.close();
    expect(now.size).to.equal(0);
  });

  it('have durable names after a few syncs of their folder', async () => {
    const stage = await Stage.open({ folder: join(folder, 'stage') });
    const before = syncs.get(stage.folder) ?? 0;
    appendTo(stage, 0);
    await stage.commit();
    expect((syncs.get(stage.folder) ?? 0) - before).to.be.within(1, tables / 4);
    for (let table = 0; table < tables; table++)
      expect(syncs.get(join(stage.folder, `t-t${table}.000001.jsonl`)), `table ${table}`).to.be.within(1, 2);
    await stage.close();
  });
});
