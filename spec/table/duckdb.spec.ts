// The database of one piece of work, and how much memory it takes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { Database } from '../../lib/table/duckdb.js';
import { MemoryLimits } from '../../lib/table/memory-limits.js';
import { TableError } from '../../lib/table/table-error.js';
import { failureOf } from '../sinks/parquet-file.js';

describe('the database of a publish', () => {
  let scratch: string;
  let database: Database;
  beforeEach(async () => {
    scratch = await mkdtemp(`${tmpdir()}/sluice-database-`);
    database = await Database.open({ table: 'table', memoryLimit: '64MB', threads: 1, scratch });
  });
  afterEach(async () => {
    database.close();
    await rm(scratch, { recursive: true, force: true });
  });

  const limit = async () => await database.rows("SELECT current_setting('memory_limit')");
  /** A list cannot be spilled: one of 1,750,000 takes more than 32 MB, and less than 64. */
  const listOf = (numbers: number) => `SET VARIABLE size = (SELECT len(list(i)) FROM range(${numbers}) AS t(i))`;

  it('runs a statement that spills with half the memory, and has all of it again', async () => {
    const before = await limit();
    await database.runSpilling(
      "SET VARIABLE halved = (SELECT current_setting('memory_limit') FROM range(1) WHERE random() >= 0)",
    );
    expect(await database.rows("SELECT getvariable('halved')")).to.deep.equal([['30.5 MiB']]);
    expect(before).to.deep.equal([['61.0 MiB']]);
    expect(await limit()).to.deep.equal(before);
  });

  it('runs it with all of the memory when half is not enough', async () => {
    await database.runSpilling(listOf(1_750_000));
    expect(await database.numbers("SELECT getvariable('size')")).to.deep.equal([1_750_000]);
  });

  it('says when all of the memory is not enough', async () => {
    const error = await failureOf(database.runSpilling(listOf(5_000_000)));
    expect(error).to.include({ code: 'ERR_ENGINE_MEMORY' });
  });
});

describe('the memory limits', () => {
  /** What is tried when nothing is ever enough. */
  async function tried(options: ConstructorParameters<typeof MemoryLimits>[0], large = false): Promise<string[]> {
    const attempts: string[] = [];
    const work = async ({ memoryLimit, threads }: { memoryLimit: string; threads: number }): Promise<void> => {
      attempts.push(`${memoryLimit} ${threads}`);
      throw new TableError('ERR_ENGINE_MEMORY', 'table', 'not enough');
    };
    expect(await failureOf(new MemoryLimits(options).use(work, { large }))).to.include({ code: 'ERR_ENGINE_MEMORY' });
    return attempts;
  }

  it('are tried one after the other, with one thread', async () => {
    expect(await tried({})).to.deep.equal(['128MB 1', '256MB 1', '512MB 1', '1GB 1']);
  });

  it('are not left by a limit that was given: what was tried with several threads is tried with one', async () => {
    expect(await tried({ memoryLimit: '100MB' })).to.deep.equal(['100MB 1']);
    const [first, ...rest] = await tried({ memoryLimit: '1TB' });
    expect(first).to.match(/^1TB \d+$/);
    expect(rest).to.deep.equal(first === '1TB 1' ? [] : ['1TB 1']);
  });

  it('keep to the threads that were given', async () => {
    expect(await tried({ memoryLimit: '100MB', threads: 3 })).to.deep.equal(['100MB 3']);
    expect(await tried({ threads: 2 }, true)).to.deep.equal(['256MB 2', '512MB 2', '1GB 2']);
  });
});
