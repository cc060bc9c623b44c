// The benchmark of the layout: after many small merges a full scan is as fast as on a file that is freshly written, or nearly.
// Options: --rows 1000000 --merges 200 --changes 1000 --scans 7 --max-ratio N (fail above it)
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { from, lastValueFrom } from 'rxjs';
import { parquet } from '../sinks/index.js';
import { changedRow, tableQuery } from './merge-rows.js';
import { optionsOf } from './options.js';
import { median } from './processes.js';

const values = optionsOf(import.meta.url, {
  rows: { type: 'string', default: '1000000' },
  merges: { type: 'string', default: '200' },
  changes: { type: 'string', default: '1000' },
  scans: { type: 'string', default: '7' },
  'max-ratio': { type: 'string' },
});
const changes = Number(values.changes);
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const table = join(folder, 'table.parquet');
const fresh = join(folder, 'fresh.parquet');
const instance = await DuckDBInstance.create();
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
try {
  let rows = Number(values.rows);
  await connection.run(`COPY (${tableQuery(rows)}) TO '${table}' (FORMAT parquet, COMPRESSION zstd)`);
  const seconds: number[] = [];
  for (let merge = 1; merge <= Number(values.merges); merge++) {
    // Half of the rows of each merge are new, most others are recent, and a few are anywhere.
    const changed = Array.from({ length: changes }, (_, index) => {
      if (index % 2 === 0) return changedRow(rows + index / 2, merge);
      if (index < changes - 10) return changedRow(rows - index, merge);
      return changedRow((merge * 7919 * index) % rows, merge);
    });
    rows += Math.ceil(changes / 2);
    const start = performance.now();
    const page = { rows: changed, position: { walk: `merge ${merge}`, page: 0, next: null }, bytes: 200 * changes };
    const sink = parquet(table, { primaryKey: 'id', writeDisposition: 'merge' });
    const receipt = await lastValueFrom(from([page]).pipe(sink));
    seconds.push((performance.now() - start) / 1000);
    if (receipt.total !== rows) throw new Error(`${receipt.total} rows after merge ${merge}, not ${rows}`);
  }
  await connection.run(`COPY (FROM '${table}') TO '${fresh}' (FORMAT parquet, COMPRESSION zstd)`);
  // Both under new names, so that nothing is remembered of them.
  await copyFile(table, join(folder, 'merged.parquet'));
  const scans: [merged: number, fresh: number][] = [];
  for (let turn = 0; turn <= Number(values.scans); turn++) {
    const pair: [number, number] = [await scan('merged.parquet'), await scan('fresh.parquet')];
    if (turn > 0) scans.push(pair);
  }
  const ratio = median(scans.map(([merged, freshly]) => merged / freshly));
  const reader = await connection.runAndReadAll(`SELECT num_row_groups FROM parquet_file_metadata('${table}')`);
  console.log(
    `${rows.toLocaleString('en')} rows after ${values.merges} merges of ${changes}: ${reader.getRows()[0]![0]} row groups, ${median(seconds).toFixed(2)} s for a merge`,
  );
  console.log(`full scan: ${ratio.toFixed(3)} of the time on a freshly written file`);
  if (values['max-ratio'] && ratio > Number(values['max-ratio'])) {
    console.error(`the ratio is above ${values['max-ratio']}`);
    process.exitCode = 1;
  }
} finally {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
}

/** Reads every value of a file. */
async function scan(name: string): Promise<number> {
  const start = performance.now();
  const columns = ['id', 'name', 'status', 'owner', 'budget', 'archived', 'created_at', 'description'];
  const sums = columns.map((column) => `bit_xor(hash(${column}))`);
  await connection.runAndReadAll(`SELECT ${sums.join(', ')} FROM read_parquet('${join(folder, name)}')`);
  return performance.now() - start;
}
