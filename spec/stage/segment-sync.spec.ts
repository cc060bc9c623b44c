// What a commit says is durable is synced, whatever is appended or dropped while the commit is under way.
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import type { Position } from '../../lib/core/index.js';
import { files, Stage } from '../../lib/stage/index.js';

const mebibyte = 1024 * 1024;
const at = (page: number): Position => ({ walk: 'w', page, next: page + 1 });
const line = (bytes: number) => ({ data: Buffer.alloc(bytes, 'x').fill('\n', bytes - 1), rows: 1, longestLine: bytes });

describe('a commit during which more comes', () => {
  const { open } = files;
  let folder: string;
  let stage: Stage;
  /** Bytes of each segment that are written, and that are synced. */
  let written: Map<string, number>;
  let synced: Map<string, number>;
  /** Called in the middle of the next sync. */
  let duringSync: (() => Promise<void> | void) | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-sync-'));
    written = new Map();
    synced = new Map();
    duringSync = undefined;
    files.open = async (path, ...rest) => watch(await open(path, ...rest), basename(String(path)));
    stage = await Stage.open({ folder: join(folder, 'stage'), rotateBytes: 2 * mebibyte });
  });
  afterEach(async () => {
    files.open = open;
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  function watch(handle: FileHandle, name: string): FileHandle {
    return new Proxy(handle, {
      get(target, key) {
        if (key === 'write') {
          return async (buffer: Uint8Array, offset: number, length: number, position: number) => {
            const result = await target.write(buffer, offset, length, position);
            written.set(name, Math.max(written.get(name) ?? 0, position + result.bytesWritten));
            return result;
          };
        }
        if (key === 'sync' && name.endsWith('.jsonl') && name.startsWith('t-')) {
          return async () => {
            const bytes = written.get(name) ?? 0;
            await target.sync();
            const more = duringSync;
            duringSync = undefined;
            await more?.();
            synced.set(name, bytes);
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  const isWritten = async (name: string, bytes: number): Promise<void> => {
    while ((written.get(name) ?? 0) < bytes) await new Promise((resolve) => setImmediate(resolve));
  };

  it('leaves to the next commit what fills a segment up meanwhile, and that one syncs it', async () => {
    const log = stage.table('t');
    const first = 't-t.000001.jsonl';
    log.append(at(0), line(mebibyte));
    duringSync = async () => {
      log.append(at(1), line(mebibyte));
      log.append(at(2), line(mebibyte));
      await isWritten(first, 2 * mebibyte);
    };
    await stage.commit();
    await stage.commit();
    expect(synced.get(first)).to.equal(2 * mebibyte);
    expect((await readFile(stage.segments('t')[0]!)).length).to.equal(2 * mebibyte);
  });

  it('syncs all that it says is durable, also when that is dropped before the sync', async () => {
    const log = stage.table('t');
    log.append(at(0), line(mebibyte));
    await isWritten('t-t.000001.jsonl', mebibyte);
    log.append(at(1), line(100));
    const commit = stage.commit();
    log.reset();
    await commit;
    expect(synced.get('t-t.000001.jsonl')).to.equal(mebibyte + 100);
  });

  it('writes nothing any more when the log is closed', async () => {
    const log = stage.table('t');
    for (let page = 0; page < 6; page += 1) log.append(at(page), line(mebibyte));
    await log.close();
    const before = [...written];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([...written]).to.deep.equal(before);
    await log.drained();
  });
});
