// What the suites share whose loads are processes under strace: an API, a folder for each spec, and the program that does the load of a case.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from 'mocha';
import { crashCases } from './crash-cases.js';
import { CrashCheck, type Model } from './crash-check.js';
import { isWhole } from './crash-options.js';
import { PagedApi } from './paged-api.js';
import { buildProgram, type Call, record } from './recorded-calls.js';

/** What is there for one spec. */
export class TracedSuite {
  #api: PagedApi | undefined;
  #folder = '';
  #program = '';

  /** Sets up in a suite what its specs need. */
  static of(suite: Suite): TracedSuite {
    suite.timeout(isWhole ? 3_600_000 : 120_000);
    const traced = new TracedSuite();
    before(async () => {
      traced.#api = await PagedApi.start();
    });
    after(() => traced.#api?.stop());
    beforeEach(async () => {
      traced.#folder = await mkdtemp(join(tmpdir(), 'sluice-calls-'));
      traced.#program = await buildProgram(traced.#folder);
    });
    afterEach(() => rm(traced.#folder, { recursive: true, force: true }));
    return traced;
  }

  readonly url = (): string => this.#api!.url;

  /** A path in the folder of the spec. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** The command that does the load of a case. */
  command(name: string, out: string): string[] {
    return [this.#program, name, out, this.url()];
  }

  /** Does the load of a case in this process, for what it comes to, and in another, for its calls: in `out`, from what is in `base`. */
  async prepare(name: string): Promise<Prepared> {
    const check = new CrashCheck(crashCases(this.url).find((one) => one.name === name)!, this.#api!);
    const [base, whole, out] = [this.path('base'), this.path('model'), this.path('out')];
    await mkdir(base);
    await check.prepare(base);
    await cp(base, whole, { recursive: true });
    const model = await check.model(whole, () => check.load(whole));
    await cp(base, out, { recursive: true });
    check.list();
    return { check, model, base, out, calls: await record(this.command(name, out), out) };
  }
}

export interface Prepared {
  readonly check: CrashCheck;
  readonly model: Model;
  readonly base: string;
  readonly out: string;
  readonly calls: readonly Call[];
}
