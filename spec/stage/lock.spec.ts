// The lock: one live owner, and safe takeover from a dead one.
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { files, Lock, lockFolder } from '../../lib/stage/index.js';
import { markOf } from '../../lib/stage/process-mark.js';

describe('the lock of a stage', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const leave = async (owner: object | string, ageSeconds = 0): Promise<void> => {
    const file = join(folder, 'lock');
    await writeFile(file, typeof owner === 'string' ? owner : JSON.stringify(owner));
    const then = new Date(Date.now() - ageSeconds * 1000);
    await utimes(file, then, then);
  };
  const owner = (more: object) => ({ id: 'x', pid: process.pid, host: hostname(), since: '2026-01-01', ...more });
  const refused = async (): Promise<string> => {
    const error = await Lock.acquire(folder).then(
      async (lock) => lock.release(),
      (reason: { code: string; message: string }) => reason,
    );
    expect(error).to.have.property('code', 'ERR_STAGE_LOCKED');
    return (error as { message: string }).message;
  };

  it('takes over from a process of this host that is gone', async () => {
    await leave(owner({ pid: 2 ** 22 + 1 }));
    await (await Lock.acquire(folder)).release();
  });

  it('takes over from a process of this host that is gone, although another one has its number now', async () => {
    const pid = process.ppid;
    const { process: mark } = await markOf(pid);
    await leave(owner({ pid: mark ? pid : 2 ** 22 + 1, process: mark && { ...mark, started: '1' } }));
    await (await Lock.acquire(folder)).release();
  });

  it('does not take over from a process of this host that was stopped for long, however old its lock is', async () => {
    const pid = process.ppid;
    const { process: mark } = await markOf(pid);
    await leave(owner({ pid, process: mark }), mark === undefined ? 0 : 7200);
    expect(await refused()).to.include(`process ${pid} on`);
  });

  it('goes by the heartbeat where a host of the same name has other processes', async () => {
    const other = { process: { started: '1', among: 'pid:[1]' }, pid: 2 ** 22 + 1 };
    await leave(owner(other), 50);
    await refused();
    await leave(owner(other), 70);
    await (await Lock.acquire(folder)).release();
  });

  it('stays with its owner when the clock goes backwards', async () => {
    await leave(owner({ host: 'elsewhere' }), -7200);
    await refused();
    await leave(owner({ pid: 2 ** 22 + 1 }), -7200);
    await (await Lock.acquire(folder)).release();
  });

  it('takes over from another host whose heartbeat is too old, and not before', async () => {
    await leave(owner({ host: 'elsewhere' }), 50);
    expect(await refused()).to.include('on elsewhere');
    await leave(owner({ host: 'elsewhere' }), 70);
    await (await Lock.acquire(folder)).release();
  });

  it('does not take an empty lock file for a dead one before its time', async () => {
    await leave('');
    await refused();
    await leave('', 70);
    await (await Lock.acquire(folder)).release();
  });

  it('notices that it was taken over, and then leaves the lock of the other alone', async () => {
    const lock = await Lock.acquire(folder);
    await leave(owner({ id: 'other' }));
    const error = await lock.check().catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'ERR_STAGE_LOST');
    await lock.release();
    await refused();
  });

  it('touches its file while it is held', async () => {
    const lock = await Lock.acquire(folder, { beat: 5, stale: 60_000 });
    const { process: _, ...unmarked } = lock.owner;
    await leave(unmarked, 1000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await refused();
    await lock.release();
  });

  it('takes over from itself what could not be given back, when its time is up', async () => {
    await leave(owner({}), 50);
    await refused();
    await leave(owner({}), 70);
    await (await Lock.acquire(folder)).release();
  });

  it('lets exactly one in when many take over at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await leave(owner({ pid: 2 ** 22 + 1 }));
      const results = await Promise.allSettled([...Array(8)].map(() => Lock.acquire(folder)));
      const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const owning = await Promise.all(held.map((lock) => lock.check().then(Boolean.bind(null, true), () => false)));
      expect(owning.filter(Boolean)).to.have.length(1);
      for (const lock of held) await lock.release();
      await rm(join(folder, 'lock'), { force: true });
    }
  });

  it('makes the folder durable in which other runs keep their stages, and not its own', async () => {
    const { open } = files;
    const synced: string[] = [];
    files.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      const sync = handle.sync.bind(handle);
      handle.sync = async () => {
        synced.push(String(path));
        await sync();
      };
      return handle;
    };
    try {
      const unlock = await lockFolder(join(folder, '.sluice', 'a.parquet'));
      expect(synced).to.include(folder);
      expect(synced).not.to.include(join(folder, '.sluice'));
      await unlock();
    } finally {
      files.open = open;
    }
  });
});
