// A program that a spec starts and that reads a table again and again with DuckDB, until its input ends: a file, or the files that the manifest beside a
// folder names. It begins one more query that it reads to its end only then. Prints what it has read, each different result once.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const [, , table] = process.argv;
const connect = async () => await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

async function files() {
  if (table.endsWith('.parquet')) return [table];
  const manifest = JSON.parse(await readFile(join(dirname(table), '_manifest.json'), 'utf8'));
  return manifest.tables[basename(table)].files.map(({ path }) => join(dirname(table), path));
}

const relation = async () => `read_parquet([${(await files()).map((file) => `'${file}'`).join(', ')}])`;

const slow = await (await connect()).stream(`SELECT run FROM ${await relation()}`);
const held = (await slow.fetchChunk()).getColumnValues(0);
process.stdout.write('reading\n');

const connection = await connect();
const seen = new Set();
let queries = 0;
let again = 0;
// Once at least, also where others leave it no time.
while (!isOver || queries === 0) {
  try {
    const rows = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER AS rows, count(DISTINCT run)::INTEGER AS runs, min(run)::INTEGER AS run FROM ${await relation()}`,
    );
    seen.add(JSON.stringify(rows.getRowObjectsJson()[0]));
    queries += 1;
  } catch (error) {
    // A file that the manifest of a moment ago names may be gone when it is opened.
    if (table.endsWith('.parquet') || !/No files found|No such file/.test(String(error))) throw error;
    again += 1;
  }
}
for (let chunk = await slow.fetchChunk(); chunk?.rowCount > 0; chunk = await slow.fetchChunk())
  for (const run of chunk.getColumnValues(0)) held.push(run);
const wholly = { rows: held.length, runs: new Set(held).size };
process.stdout.write(
  `${JSON.stringify({ queries, again, wholly, seen: [...seen].map((text) => JSON.parse(text)) })}\n`,
);
