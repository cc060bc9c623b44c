// The tables that documents other than the README read: out/project_data.parquet and .arrow.
import { join } from 'node:path';
import { client, offset, pages, run } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { arrow, parquet } from '../../sinks/index.js';

export async function writeTables(folder: string, url: string): Promise<void> {
  const rows = pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: 100 })).pipe(retry(), select('data'));
  const options = { primaryKey: 'id', writeDisposition: 'merge' } as const;
  await run(rows.pipe(parquet(join(folder, 'out/project_data.parquet'), options)));
  await run(rows.pipe(arrow(join(folder, 'out/project_data.arrow'), options)));
}
