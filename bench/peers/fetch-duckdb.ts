// What a person writes by hand in Node: fetch, a file of JSON lines, and DuckDB to make Parquet of it. Neither merges nor resumes nor
// infers types over more than a sample. Arguments: URL PAGE_SIZE FOLDER.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { report } from '../processes.js';

const [url = '', pageSize = '100', folder = '.'] = process.argv.slice(2);
await report(async () => {
  const lines = join(folder, 'peer.jsonl');
  const file = createWriteStream(lines);
  let rows = 0;
  for (let offset = 0; ; offset += Number(pageSize)) {
    const response = await fetch(`${url}/v1/projects?limit=${pageSize}&offset=${offset}`);
    const page = (await response.json()) as { data: unknown[]; total: number };
    rows += page.data.length;
    if (!file.write(page.data.map((row) => `${JSON.stringify(row)}\n`).join(''))) await once(file, 'drain');
    if (page.data.length === 0 || offset + Number(pageSize) >= page.total) break;
  }
  file.end();
  await once(file, 'finish');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * FROM read_json('${lines}')) TO '${join(folder, 'peer.parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  instance.closeSync();
  return { rows };
});
