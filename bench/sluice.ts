// What is measured: the chain of the README, from the first request to the published Parquet file, with the package as it is built.
// Arguments: URL PAGE_SIZE FOLDER.
import { join } from 'node:path';
import { client, offset, pages, run } from 'sluice';
import { retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';
import { report } from './processes.js';

const [url = '', pageSize = '100', folder = '.'] = process.argv.slice(2);
await report(async () => {
  const receipt = await run(
    pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: Number(pageSize) })).pipe(
      retry({ maxRetries: 3, factor: 2 }),
      select('data'),
      parquet(join(folder, 'project_data.parquet'), { primaryKey: 'id', writeDisposition: 'merge' }),
    ),
  );
  return { rows: receipt.rows, detail: { total: receipt.total, bytes: receipt.bytes } };
});
