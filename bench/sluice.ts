// What is measured: the chain of the README, from the first request to the published Parquet file, with the package as it is built.
// Arguments: URL PAGE_SIZE FOLDER [CONCURRENCY] [HANDICAP]: the last burns so many milliseconds for each page, to show that a check notices.
import { join } from 'node:path';
import { identity, tap } from 'rxjs';
import { client, offset, pages, run } from 'sluice';
import { retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';
import { report } from './processes.js';

const [url = '', pageSize = '100', folder = '.', concurrency = '1', handicap = '0'] = process.argv.slice(2);
const burn = () => {
  for (const end = performance.now() + Number(handicap); performance.now() < end; );
};
await report(async () => {
  const receipt = await run(
    pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: Number(pageSize) }), {
      concurrency: Number(concurrency),
    }).pipe(
      retry({ maxRetries: 3, factor: 2 }),
      select('data'),
      Number(handicap) > 0 ? tap(burn) : identity,
      parquet(join(folder, 'project_data.parquet'), { primaryKey: 'id', writeDisposition: 'merge' }),
    ),
  );
  return { rows: receipt.rows, detail: { total: receipt.total, bytes: receipt.bytes } };
});
