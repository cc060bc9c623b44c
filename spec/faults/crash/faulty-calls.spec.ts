// A real process whose system calls that change or sync a file are met by a fault, one after the other: it is killed with SIGKILL as it enters the call, or
// there is no room on the disk. strace does it, so that the calls of the engine are among them. SLUICE_CRASHES=all does it at every one; without it, at a
// sample for one case.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { isMine, isWhole } from './crash-options.js';
import { canRecord } from './recorded-calls.js';
import { summarize } from './summary.js';
import { TracedSuite } from './traced-suite.js';

/** What happens at a call, and at which calls. */
const faults = {
  killed: {
    inject: 'signal=SIGKILL',
    // Not as it syncs: a sync changes nothing of what a killed process leaves, so that this is what it leaves before its next call.
    calls: ['openat', 'mkdir', 'link', 'write', 'pwrite64', 'ftruncate', 'rename', 'unlink', 'rmdir'],
  },
  'no room': {
    inject: 'error=ENOSPC',
    calls: ['mkdir', 'link', 'write', 'pwrite64', 'ftruncate', 'fsync', 'fdatasync', 'rename'],
  },
};
type Fault = keyof typeof faults;

const inSample = ['pwrite64'];

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
  /** Whether it came to its end without the fault, since there are fewer calls. */
  readonly whole: boolean;
  /** What it has said. */
  readonly lines: readonly string[];
}

if (canRecord) {
  describe('a process that meets a fault at a system call', function () {
    const suite = TracedSuite.of(this);

    /** Runs the load of a case, with a fault as one of its threads makes this call for the `when`th time for one of these paths. */
    const start = async (
      { name, out, paths }: { name: string; out: string; paths: readonly string[] },
      { fault, call, when }: { fault: Fault; call: string; when: number },
    ): Promise<End> => {
      const log = `${out}.faults`;
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:${faults[fault].inject}:when=${when}`];
      // Without a filter in the kernel, by which strace sends no signal.
      const options = ['-f', '-qq', '-o', log, ...inject, ...paths.flatMap((path) => ['-P', path])];
      // One thread for all calls of the library, so that they are counted as one.
      const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
      const traced = spawn('strace', [...options, process.execPath, ...suite.command(name, out)], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [said, problems, [code, signal]] = await Promise.all([
        text(traced.stdout),
        text(traced.stderr),
        once(traced, 'close'),
      ]);
      const where = `${fault} at ${call} ${when}: ${problems}`;
      if (signal !== null) expect([fault, signal], where).to.deep.equal(['killed', 'SIGKILL']);
      else if (code !== 0) expect([fault, problems], where).to.match(/no room.*ERR_(STAGE_IO|TABLE_WRITE)/s);
      const isMet = signal !== null || (await readFile(log, 'utf8')).includes('(INJECTED)');
      return { whole: !isMet, lines: said.split('\n') };
    };

    for (const [index, name] of names.entries()) {
      if (!isMine(index)) continue;
      it(`is finished by the next one: ${name}`, async () => {
        const begin = performance.now();
        const { check, model, base, out, calls } = await suite.prepare(name);
        // The paths of a run that is not met by one: those of another that have its load's id in them are not known.
        const paths = [...new Set(calls.flatMap((call) => ('path' in call ? [call.path] : [])))];
        const counts = { killed: 0, 'no room': 0 };
        for (const fault of ['killed', 'no room'] as const) {
          for (const call of isWhole ? faults[fault].calls : inSample) {
            for (let when = 1; ; when += isWhole ? 1 : 9) {
              await rm(out, { recursive: true });
              await cp(base, out, { recursive: true });
              check.list();
              const { whole, lines } = await start({ name, out, paths }, { fault, call, when });
              const committed = lines.flatMap((line) => /^committed (\d+)$/.exec(line)?.[1] ?? []).at(-1);
              await check.checkFolder(out, model, {
                where: `${fault} at ${call} ${when}`,
                committed: Number(committed ?? 0),
                publishing: false,
                published: lines.includes('published'),
              });
              if (whole) break;
              counts[fault] += 1;
            }
          }
        }
        expect(counts.killed).to.be.greaterThan(1);
        expect(counts['no room']).to.be.greaterThan(1);
        if (isWhole)
          summarize('A real process at each system call that changes or syncs a file', {
            load: name,
            ...counts,
            seconds: Math.round((performance.now() - begin) / 1000),
          });
      });
    }
  });
}
