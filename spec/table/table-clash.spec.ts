// Tables of one run that would write to the same file are refused before anything is asked.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { defer, from, type OperatorFunction } from 'rxjs';
import type { Receipt, Rows } from '../../lib/core/index.js';
import { run } from '../../lib/table/index.js';
import { jsonl, type ParquetOptions, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf } from '../sinks/parquet-file.js';

describe('two sinks of one run', () => {
  let folder: string;
  let asked = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-clash-'));
    asked = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const at = (name: string) => join(folder, name);
  const source = () =>
    defer(() => {
      asked += 1;
      return from(pagesOf([[{ id: 1 }]]));
    });

  async function refusal(...sinks: readonly OperatorFunction<Rows, Receipt>[]): Promise<Error> {
    const error = await failureOf(run(sinks.map((sink) => source().pipe(sink))));
    expect(error).to.include({ code: 'ERR_INVALID_OPTION' });
    expect(asked).to.equal(0);
    return error;
  }

  it('have dead letters of their own', async () => {
    const options: ParquetOptions = { deadLetters: at('letters.jsonl') };
    const error = await refusal(parquet(at('a.parquet'), options), parquet(at('b.parquet'), options));
    expect(error.message).to.match(/^deadLetters: .*letters\.jsonl \(two of them are dead letters\)/);
  });

  it('do not write a table where the dead letters of the other are', async () => {
    const letters = parquet(at('x.parquet'), { deadLetters: true });
    expect((await refusal(letters, jsonl(at('x.dead.jsonl')))).message).to.match(/^path: .*x\.dead\.jsonl/);
    expect((await refusal(jsonl(at('x.dead.jsonl')), letters)).message).to.match(/^deadLetters: .*x\.dead\.jsonl/);
  });

  it('do not write to one file, however its path is written', async () => {
    const other = `${folder}/sub/../x.parquet`;
    const error = await refusal(parquet(at('x.parquet'), { table: 'x' }), parquet(other, { table: 'y' }));
    expect(error.message).to.match(/^path: .*two of them are a table/);
  });

  it('do not lie in each other', async () => {
    const inner = parquet(at('a/b/c.parquet'));
    const outer = parquet(at('a'), { layout: 'directory' });
    expect((await refusal(inner, outer)).message).to.match(/c\.parquet lies in .*a, which/);
    expect((await refusal(outer, inner)).message).to.match(/c\.parquet lies in .*a, which/);
  });

  it('may lie beside each other, and have letters beside theirs', async () => {
    const receipts = await run([
      source().pipe(parquet(at('a.parquet'), { deadLetters: true })),
      source().pipe(parquet(at('sub/b.parquet'), { deadLetters: at('letters.jsonl') })),
    ]);
    expect(receipts.map(({ total }) => total)).to.deep.equal([1, 1]);
  });
});
