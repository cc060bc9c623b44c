// The table half alone: rows that are parsed already, into Parquet. Arguments: ROWS PAGE_SIZE FOLDER.
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { parquet } from '../sinks/index.js';
import { report } from './processes.js';
import { pagesOfRows } from './table-rows.js';

const [rows = '0', pageSize = '100', folder = '.'] = process.argv.slice(2);
const source = pagesOfRows(Number(rows), Number(pageSize));
await report(async () => {
  const receipt = await lastValueFrom(source.pipe(parquet(join(folder, 'projects.parquet'))));
  return { rows: receipt.total, detail: { bytes: receipt.bytes } };
});
