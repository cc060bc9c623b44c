// Whoever reads a table while it is published, in another process, sees it as it was or as it is; and a file that is open stays what it was.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ParquetOptions } from '../../../sinks/index.js';
import { load } from '../../sinks/parquet-file.js';

const program = fileURLToPath(new URL('reader.mjs', import.meta.url));
const rowCount = 20_000;
const publishes = Number(process.env['SLUICE_PUBLISHES'] ?? 8);

interface Report {
  readonly queries: number;
  readonly again: number;
  readonly wholly: { readonly rows: number; readonly runs: number };
  readonly seen: readonly { readonly rows: number; readonly runs: number; readonly run: number }[];
}

describe('a reader in another process', function () {
  this.timeout(60_000 + publishes * 10_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-readers-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const cases: Readonly<Record<string, { readonly name: string; readonly options: ParquetOptions }>> = {
    'a file that is replaced': { name: 'rows.parquet', options: { writeDisposition: 'replace', rowGroupRows: 2048 } },
    'a file into which all rows are merged': {
      name: 'rows.parquet',
      options: { writeDisposition: 'merge', primaryKey: 'id', rowGroupRows: 2048 },
    },
    'a directory, by its manifest': {
      name: 'rows',
      options: { writeDisposition: 'merge', primaryKey: 'id', partitionBy: 'part', rowGroupRows: 2048 },
    },
  };
  for (const [name, { name: file, options }] of Object.entries(cases)) {
    it(`never sees a part of a load: ${name}`, async () => {
      const table = join(folder, file);
      const publish = (run: number) => {
        const rows = Array.from({ length: rowCount }, (_, id) => ({ id, part: id % 3, run }));
        return load(table, [rows], options);
      };
      await publish(0);
      const reader = spawn(process.execPath, [program, table], { stdio: ['pipe', 'pipe', 'pipe'] });
      const lines = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();
      const problems = text(reader.stderr);
      const line = async (): Promise<string> => {
        const { value, done } = await lines.next();
        if (done) throw new Error(await problems);
        return value;
      };
      try {
        expect(await line()).to.equal('reading');
        for (let run = 1; run <= publishes; run += 1) await publish(run);
        reader.stdin.end();
        const { queries, wholly, seen } = JSON.parse(await line()) as Report;
        expect(queries).to.be.greaterThan(0);
        expect(wholly, 'read slowly, from before all of them').to.deep.equal({ rows: rowCount, runs: 1 });
        for (const each of seen) expect(each).to.include({ rows: rowCount, runs: 1 });
      } finally {
        reader.kill('SIGKILL');
        if (reader.exitCode === null && reader.signalCode === null) await once(reader, 'close');
      }
    });
  }
});
