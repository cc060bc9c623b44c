// Runs that were cut short and go on: after an error of the source, an abort, SIGKILL, and in the window of a publish.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { concat, firstValueFrom, from, lastValueFrom, NEVER, Observable, of, throwError } from 'rxjs';
import { currentFlow, type Receipt } from '../../lib/core/index.js';
import { files } from '../../lib/stage/index.js';
import { run } from '../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { rowsOfPage } from './killed-load.js';
import { failureOf, load, pagesOf, readRows } from './parquet-file.js';

const execute = promisify(execFile);

describe('a parquet load that was cut short', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-resume-'));
    file = join(folder, 'table.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('goes on after the last page that came before its source failed', async () => {
    const pages = pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    const failing = concat(
      from(pages.slice(0, 2)),
      throwError(() => new Error('boom')),
    );
    await failureOf(failing.pipe(parquet(file)));
    let saved: unknown;
    const rest = new Observable<(typeof pages)[0]>((subscriber) => {
      saved = currentFlow()!.saved('walk');
      return from(pages.slice(2)).subscribe(subscriber);
    });
    const receipt = await lastValueFrom(rest.pipe(parquet(file)));
    expect(saved).to.deep.equal(pages[1]!.position);
    expect(receipt).to.include({ rows: 3, inserted: 3, total: 3 });
    expect(await readRows(file)).to.deep.equal([{ id: '1' }, { id: '2' }, { id: '3' }]);
  });

  it('does not take pages twice when its source begins anew', async () => {
    const pages = pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    await failureOf(
      concat(
        from(pages.slice(0, 2)),
        throwError(() => new Error('boom')),
      ).pipe(parquet(file)),
    );
    expect(await lastValueFrom(from(pages).pipe(parquet(file)))).to.include({ rows: 3, total: 3 });
  });

  it('keeps what it saw of the columns', async () => {
    const pages = pagesOf([[{ id: 1, a: 1.5 }], [{ id: 2, a: 2, b: 'x' }], [{ id: 3, a: 3 }]]);
    await failureOf(
      concat(
        from(pages.slice(0, 2)),
        throwError(() => new Error('boom')),
      ).pipe(parquet(file)),
    );
    await lastValueFrom(from(pages).pipe(parquet(file)));
    expect(await readRows(file)).to.deep.equal([
      { id: '1', a: 1.5, b: null },
      { id: '2', a: 2, b: 'x' },
      { id: '3', a: 3, b: null },
    ]);
  });

  it('ends with ERR_ABORTED when it is stopped from outside, and goes on from there', async () => {
    const controller = new AbortController();
    const pages = pagesOf([[{ id: 1 }], [{ id: 2 }]]);
    const chain = concat(from(pages), NEVER).pipe(parquet(file, { checkpoint: { pages: 1 } }));
    const onProgress = (event: { type: string }): void => {
      if (event.type === 'commit') controller.abort();
    };
    expect(await failureOf(run(chain, { signal: controller.signal, onProgress }))).to.include({ code: 'ERR_ABORTED' });
    expect(await failureOf(run(chain, { signal: AbortSignal.abort() }))).to.include({ code: 'ERR_ABORTED' });
    expect(await run(from(pages).pipe(parquet(file)))).to.include({ rows: 2, total: 2 });
  });

  it('lets no second run in while it lives, in this process', async () => {
    const chain = NEVER.pipe(parquet(file));
    const subscription = chain.subscribe({ error: () => undefined });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const error = await failureOf(load(file, [[{ id: 1 }]]));
    expect(error).to.include({ code: 'ERR_STAGE_LOCKED' });
    expect(error.message).to.include(`process ${process.pid}`);
    subscription.unsubscribe();
    expect(await load(file, [[{ id: 1 }]])).to.include({ total: 1 });
  });

  it('is waited for by the next run of this process, also when it was left while it published', async () => {
    for (let round = 0; round < 10; round += 1) {
      // The first receipt is that of the commit before the table is published.
      const first = await firstValueFrom(from(pagesOf([[{ id: 1 }]])).pipe(parquet(file)));
      expect(first).to.include({ published: false });
      expect(await load(file, [[{ id: 1 }]])).to.include({ published: true });
    }
  });

  it('is waited for no longer than the next run lives, and by the one after that', async () => {
    for (let round = 0; round < 3; round += 1) {
      const left = await firstValueFrom(from(pagesOf([[{ id: 1 }]])).pipe(parquet(file)));
      expect(left).to.include({ published: false });
      const controller = new AbortController();
      const waiting = failureOf(run(NEVER.pipe(parquet(file)), { signal: controller.signal }));
      await new Promise(setImmediate);
      controller.abort();
      expect(await waiting).to.include({ code: 'ERR_ABORTED' });
      expect(await load(file, [[{ id: 1 }]])).to.include({ published: true });
    }
  });

  describe('by SIGKILL', () => {
    const program = fileURLToPath(new URL('killed-load.ts', import.meta.url));
    const load = async (
      disposition: string,
      pages: number,
      killAt: number,
      checkpoint = 3,
    ): Promise<Result | undefined> => {
      const options = ['--import', 'tsx', program, file, disposition, pages, killAt, checkpoint].map(String);
      try {
        return JSON.parse((await execute(process.execPath, options)).stdout) as Result;
      } catch (error) {
        expect(error).to.include({ signal: 'SIGKILL' });
        return undefined;
      }
    };

    for (const [disposition, pages, ...kills] of [
      ['append', 12, 7, 11],
      ['merge', 80, 1, 60],
    ] as const) {
      it(`holds the rows of one whole run, and asks again for one checkpoint at most: ${disposition}`, async () => {
        for (const at of kills) expect(await load(disposition, pages, at)).to.equal(undefined);
        const result = (await load(disposition, pages, -1))!;
        const rows = [...Array(pages).keys()].flatMap(rowsOfPage);
        const last = rows.filter(({ id }, index) => !rows.slice(index + 1).some((row) => row['id'] === id));
        const model = disposition === 'append' ? rows : last;
        const numbers = (await readRows(file)).map((row) => ({
          ...row,
          id: Number(row['id']),
          page: Number(row['page']),
          index: Number(row['index']),
        }));
        expect(numbers).to.deep.equal(model);
        expect(result.receipt).to.include({ rows: rows.length, total: model.length });
        // The checkpoint that a kill may cost, and the pages that the high-water mark lets be on their way.
        expect(result.fetched).to.be.at.most(pages - kills.at(-1)! + 3 + 16);
        expect(await readdir(folder)).to.deep.equal(['table.parquet']);
      });
    }
  });

  it('remembers that only a part was read, when it ended after that and before the table was published', async () => {
    const options = { primaryKey: 'id', writeDisposition: 'merge', deleteMissing: 'hard' } as const;
    await load(file, [[{ id: 1 }, { id: 2 }]], options);
    const { rename } = files;
    files.rename = async (from, to) => {
      if (to !== file) return await rename(from, to);
      throw Object.assign(new Error('the disk is gone'), { code: 'EIO', syscall: 'rename' });
    };
    try {
      expect(await failureOf(load(file, [[{ id: 3 }]], { ...options, partial: () => true }))).to.include({
        code: 'ERR_TABLE_WRITE',
      });
    } finally {
      files.rename = rename;
    }
    const receipt = await load(file, [[{ id: 99, note: 'never read' }]], options);
    expect(receipt).to.include({ rows: 1, inserted: 1, deleted: 0, total: 3 });
  });

  it('takes a load for whole that was cut short and went on to its end', async () => {
    const options = { primaryKey: 'id', writeDisposition: 'merge', deleteMissing: 'hard' } as const;
    await load(file, [[{ id: 1 }, { id: 2 }, { id: 3 }]], options);
    const pages = pagesOf([[{ id: 1 }], [{ id: 3 }]]);
    const cut = concat(
      from(pages.slice(0, 1)),
      throwError(() => new Error('boom')),
    );
    await failureOf(cut.pipe(parquet(file, options)));
    expect((await readRows(file)).length).to.equal(3);
    expect(await lastValueFrom(from(pages).pipe(parquet(file, options)))).to.include({ deleted: 1, total: 2 });
  });

  describe('in the window between the rename and the clearing of the stage', () => {
    const { rm: removeFile } = files;
    afterEach(() => {
      files.rm = removeFile;
    });

    it('is not applied a second time, although another load came in between', async () => {
      const stage = join(folder, 'stage of the first');
      const kept = join(folder, 'kept');
      files.rm = async (path, more) => {
        if (String(path) === join(stage, 'journal.jsonl')) await cp(stage, kept, { recursive: true });
        await removeFile(path, more);
      };
      await run(of(...pagesOf([[{ id: 1 }]])).pipe(parquet(file)), { stage });
      files.rm = removeFile;
      for (const id of [2, 3]) await load(file, [[{ id }]]);
      await cp(kept, stage, { recursive: true });
      await rm(join(stage, 'lock'));
      const receipt = await run(of(...pagesOf([[{ id: 99 }]])).pipe(parquet(file)), { stage });
      expect(receipt).to.include({ rows: 1, inserted: 1, total: 1 });
      expect(await readRows(file)).to.deep.equal([{ id: '1' }, { id: '2' }, { id: '3' }]);
    });

    const merge = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    const scd2 = { disposition: 'merge', strategy: 'scd2' } as const;
    const ways: readonly [string, ParquetOptions][] = [
      ['append', { primaryKey: 'id', writeDisposition: 'append' }],
      ['replace', { primaryKey: 'id', writeDisposition: 'replace' }],
      ['merge', merge],
      ['merge by a merge key', { mergeKey: 'a', writeDisposition: 'merge' }],
      ['insert-only', { ...merge, writeDisposition: { disposition: 'merge', strategy: 'insert-only' } }],
      ['scd2', { writeDisposition: scd2 }],
      ['scd2 by a merge key', { mergeKey: 'id', writeDisposition: scd2 }],
      ['missing rows, hard', { ...merge, deleteMissing: 'hard' }],
      ['missing rows, soft', { ...merge, deleteMissing: 'soft' }],
    ];
    for (const [way, options] of ways) {
      it(`is not applied a second time: ${way}`, async () => {
        await load(
          file,
          [
            [
              { id: 1, a: 'x' },
              { id: 2, a: 'x' },
            ],
          ],
          options,
        );
        const stage = join(folder, '.sluice', 'table.parquet');
        const kept = join(folder, 'kept');
        // The stage as a process leaves it that dies after the rename.
        files.rm = async (path, more) => {
          if (String(path).endsWith('journal.jsonl')) await cp(stage, kept, { recursive: true });
          await removeFile(path, more);
        };
        const first = await load(
          file,
          [
            [{ id: 2, a: 'y' }],
            [
              { id: 3, a: 'y' },
              { id: 3, a: 'z' },
            ],
          ],
          options,
        );
        files.rm = removeFile;
        const rows = await readRows(file);
        await cp(kept, stage, { recursive: true });
        await rm(join(stage, 'lock'));
        const second = await lastValueFrom(
          of(...pagesOf([[{ id: 99, a: 'never read' }]])).pipe(parquet(file, options)),
        );
        expect(await readRows(file)).to.deep.equal(rows);
        const counts = ({ inserted, updated, unchanged, duplicates, total, loadId, ...more }: Receipt) => {
          const { deleted, softDeleted, retired, skipped } = more;
          return { inserted, updated, unchanged, duplicates, total, loadId, deleted, softDeleted, retired, skipped };
        };
        expect(counts(second)).to.deep.equal(counts(first));
      });
    }
  });
});

interface Result {
  readonly fetched: number;
  readonly receipt: Receipt;
}
