// The DuckDB engine on logs that need more memory than it takes at first.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DuckDbEngine, type Publication } from '../../lib/table/index.js';
import { failureOf, query } from '../sinks/parquet-file.js';

describe('the DuckDB engine', () => {
  let folder: string;
  let publication: Publication;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-engine-'));
    const segment = join(folder, 'log.jsonl');
    const line = JSON.stringify({ id: 1, text: 'x'.repeat(40_000_000) });
    await writeFile(segment, `${line}\n`);
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    publication = {
      table: 'table',
      format: 'parquet',
      disposition: 'append',
      primaryKey: [],
      schema: {
        columns: [
          { name: 'id', type: { kind: 'bigint' }, nullable: false },
          { name: 'text', type: { kind: 'text' }, nullable: false },
        ],
      },
      metadata: { sluice: 'what the caller gives' },
      segments: [segment],
      rows: 1,
      longestLine: (await stat(segment)).size - 1,
      destination: join(folder, 'table.parquet'),
      scratch,
      signal: new AbortController().signal,
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('takes more memory when the default is not enough', async () => {
    expect(await new DuckDbEngine().publish(publication)).to.include({ inserted: 1, total: 1 });
    const [row] = await query(
      `SELECT id::INTEGER AS id, length(text)::INTEGER AS size FROM '${publication.destination}'`,
    );
    expect(row).to.deep.equal({ id: 1, size: 40_000_000 });
  });

  it('keeps to a limit that was given, and says what to do', async () => {
    const error = await failureOf(new DuckDbEngine({ memoryLimit: '100MB' }).publish(publication));
    expect(error).to.include({ code: 'ERR_ENGINE_MEMORY' });
    expect(error.message).to.match(/Raise the option memoryLimit/);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    expect(await failureOf(new DuckDbEngine().publish({ ...publication, signal }))).to.include({ code: 'ERR_ABORTED' });
  });
});
