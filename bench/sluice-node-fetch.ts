// The chain of sluice.ts over node-fetch. Arguments: URL PAGE_SIZE FOLDER [CONCURRENCY].
import { join } from 'node:path';
import { client, offset, pages, run } from 'sluice';
import { retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';
import { report } from './processes.js';

const [url = '', pageSize = '100', folder = '.', concurrency = '1'] = process.argv.slice(2);
await report(async () => {
  const api = client({ baseUrl: url, fetch: 'node-fetch' });
  const receipt = await run(
    pages(api, '/v1/projects', offset({ limit: Number(pageSize) }), { concurrency: Number(concurrency) }).pipe(
      retry({ maxRetries: 3, factor: 2 }),
      select('data'),
      parquet(join(folder, 'project_data.parquet'), { primaryKey: 'id', writeDisposition: 'merge' }),
    ),
  );
  return { rows: receipt.rows, detail: { total: receipt.total, bytes: receipt.bytes } };
});
