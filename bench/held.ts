// What a walk holds while it goes on: the memory that is left after a garbage collection, at every so many pages; the memory of the process,
// ten times as often; and the time until the first page of rows. Without a folder the walk alone, with one the run into Parquet.
// Arguments: URL PAGE_SIZE EVERY [FOLDER].
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { lastValueFrom, map, reduce } from 'rxjs';
import { client, offset, pages, run } from 'sluice';
import { retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';
import { report } from './processes.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const [url = '', pageSize = '100', every = '1000', folder] = process.argv.slice(2);

const held: number[] = [];
const resident: number[] = [];
let count = 0;
let started = 0;
let firstRow = 0;
const walk = pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: Number(pageSize) })).pipe(
  retry(),
  select('data'),
  map((page) => {
    count += 1;
    if (count === 1) firstRow = performance.now() - started;
    if (count % Math.ceil(Number(every) / 10) === 0) resident.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
    if (count % Number(every) !== 0) return page;
    collect();
    const { heapUsed, external } = process.memoryUsage();
    held.push((heapUsed + external) / 2 ** 20);
    return page;
  }),
);
await report(async () => {
  started = performance.now();
  const rows =
    folder === undefined
      ? await lastValueFrom(walk.pipe(reduce((sum, page) => sum + page.rows.length, 0)))
      : (
          await run(
            walk.pipe(parquet(join(folder, 'project_data.parquet'), { primaryKey: 'id', writeDisposition: 'merge' })),
          )
        ).rows;
  const detail = { first: held[0] ?? 0, last: held.at(-1) ?? 0, most: Math.max(...held), firstRow };
  return { rows, detail, series: resident };
});
