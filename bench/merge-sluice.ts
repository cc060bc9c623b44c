// What is measured: rows that are in memory, merged into or appended to a published file. Arguments: SCENARIO FILE CHANGES_JSONL.
import { readFileSync } from 'node:fs';
import { from, lastValueFrom } from 'rxjs';
import { parquet } from '../sinks/index.js';
import { report } from './processes.js';

const [scenario = 'newest', file = '', changes = ''] = process.argv.slice(2);
const rows = readFileSync(changes, 'utf8').trimEnd().split('\n');
const pages = Array.from({ length: Math.ceil(rows.length / 100) }, (_, page) => ({
  rows: rows.slice(page * 100, page * 100 + 100).map((line) => JSON.parse(line) as Record<string, unknown>),
  position: { walk: 'changes', page, next: page + 1 },
  bytes: 20_000,
}));
await report(async () => {
  const sink = scenario === 'append' ? parquet(file) : parquet(file, { primaryKey: 'id', writeDisposition: 'merge' });
  const receipt = await lastValueFrom(from(pages).pipe(sink));
  return { rows: receipt.total, detail: { inserted: receipt.inserted, updated: receipt.updated } };
});
