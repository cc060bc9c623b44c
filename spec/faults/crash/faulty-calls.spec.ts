// A real process that is killed with SIGKILL as it enters a system call that changes or syncs a file, one after the other: strace does it, so that the
// calls of the engine are among them. Needs strace. SLUICE_CRASHES=all does it at every one; without it, at a sample for one case.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { crashCases } from './crash-cases.js';
import { CrashCheck } from './crash-check.js';
import { isMine, isWhole } from './crash-options.js';
import { PagedApi } from './paged-api.js';
import { buildProgram, canRecord } from './recorded-calls.js';
import { summarize } from './summary.js';

/** Of most of the writes of a process only its own threads know, which wake each other by them: of those, every seventh. */
const steps: Readonly<Record<string, number>> = {
  ...{ mkdir: 1, link: 1, pwrite64: 1, ftruncate: 1, fsync: 1, fdatasync: 1, rename: 1, unlink: 1, rmdir: 1 },
  write: 7,
};
const names = isWhole
  ? [
      ...[
        'merge',
        'scd2',
        'merge into an Arrow file',
        'several tables of one run, as text',
        'child tables and dead letters',
      ],
      ...['child tables in a database', 'tables of a database that is new', 'child tables in directories, merge'],
      ...['two directories of one run', 'several resources of a configuration'],
    ]
  : ['tables of one database'];

interface End {
  readonly killed: boolean;
  /** What it has said. */
  readonly lines: readonly string[];
}

if (canRecord) {
  describe('a process that is killed at a system call', function () {
    this.timeout(isWhole ? 3_600_000 : 120_000);
    let api: PagedApi;
    let folder: string;
    let program: string;
    before(async () => {
      api = await PagedApi.start();
    });
    after(() => api.stop());
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-killed-calls-'));
      program = await buildProgram(folder);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    /** Runs the load of a case, and kills it as one of its threads makes this call for the `when`th time. */
    const start = async (name: string, out: string, call: string, when: number): Promise<End> => {
      const kill = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
      const options = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', ...kill];
      // One thread for all calls of the library, so that they are counted as one.
      const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
      const traced = spawn('strace', [...options, process.execPath, program, name, out, api.url], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [said, problems, [code, signal]] = await Promise.all([
        text(traced.stdout),
        text(traced.stderr),
        once(traced, 'close'),
      ]);
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(problems);
      return { killed: signal === 'SIGKILL', lines: said.split('\n') };
    };

    for (const [index, name] of names.entries()) {
      if (!isMine(index)) continue;
      it(`is finished by the next one: ${name}`, async () => {
        const begin = performance.now();
        const one = crashCases(() => api.url).find((each) => each.name === name)!;
        const check = new CrashCheck(one, api);
        const [base, model] = [join(folder, 'base'), join(folder, 'model')];
        await mkdir(base);
        await check.prepare(base);
        await cp(base, model, { recursive: true });
        const expected = await check.model(model, () => check.load(model));
        let kills = 0;
        for (const [call, step] of Object.entries(steps)) {
          for (let when = 1; ; when += isWhole ? step : 9 * step) {
            const out = join(folder, `${call} ${when}`);
            await cp(base, out, { recursive: true });
            check.list();
            const { killed, lines } = await start(name, out, call, when);
            const committed = lines.flatMap((line) => /^committed (\d+)$/.exec(line)?.[1] ?? []).at(-1);
            await check.check(out, expected, {
              where: `killed at ${call} ${when}`,
              committed: Number(committed ?? 0),
              publishing: false,
              published: lines.includes('published'),
            });
            await rm(out, { recursive: true });
            if (!killed) break;
            kills += 1;
          }
        }
        expect(kills).to.be.greaterThan(5);
        if (isWhole)
          summarize('Killed with SIGKILL at each system call that changes or syncs a file', {
            load: name,
            kills,
            seconds: Math.round((performance.now() - begin) / 1000),
          });
      });
    }
  });
}
