// The walk alone, without a sink: pages, retry, select, with the package as it is built.
// Arguments: URL PAGE_SIZE CONCURRENCY [node-fetch].
// Beside the rows it tells the time from the first request to the last page, without the start of the process.
import { lastValueFrom, reduce } from 'rxjs';
import { client, offset, pages } from 'sluice';
import { retry, select } from 'sluice/operators';
import { report } from './processes.js';

const [url = '', pageSize = '100', concurrency = '1', fetch] = process.argv.slice(2);
await report(async () => {
  const api = client({ baseUrl: url, ...(fetch === 'node-fetch' && { fetch }) });
  const walk = pages(api, '/v1/projects', offset({ limit: Number(pageSize) }), {
    concurrency: Number(concurrency),
  }).pipe(
    retry({ maxRetries: 3, factor: 2 }),
    select('data'),
    reduce((rows, page) => rows + page.rows.length, 0),
  );
  return { rows: await lastValueFrom(walk) };
});
