// What a person writes by hand in Node without a database: fetch, and a row group of Parquet for each fifty pages. The types are written
// down, nested values are kept as JSON. Neither merges nor resumes nor retries. Arguments: URL PAGE_SIZE FOLDER.
import { join } from 'node:path';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { report } from '../processes.js';

type Type = 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY';

const columns: readonly (readonly [name: string, type: Type, converted?: 'UTF8' | 'JSON' | 'TIMESTAMP_MILLIS'])[] = [
  ['id', 'INT32'],
  ['name', 'BYTE_ARRAY', 'UTF8'],
  ['status', 'BYTE_ARRAY', 'UTF8'],
  ['owner', 'BYTE_ARRAY', 'JSON'],
  ['tags', 'BYTE_ARRAY', 'JSON'],
  ['budget', 'DOUBLE'],
  ['progress', 'INT32'],
  ['archived', 'BOOLEAN'],
  ['created_at', 'INT64', 'TIMESTAMP_MILLIS'],
  ['description', 'BYTE_ARRAY', 'UTF8'],
];
const [url = '', pageSize = '100', folder = '.'] = process.argv.slice(2);

type Project = Readonly<Record<string, unknown>>;

function cellOf(row: Project, [name, , converted]: (typeof columns)[number]): unknown {
  const value = row[name];
  return converted === 'TIMESTAMP_MILLIS' ? new Date(value as string) : value;
}

await report(async () => {
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(([name, type, converted_type]) => ({
      name,
      type,
      repetition_type: 'OPTIONAL' as const,
      ...(converted_type && { converted_type }),
    })),
  ];
  const writer = new ParquetWriter({ writer: fileWriter(join(folder, 'peer.parquet')), schema });
  let rows = 0;
  let kept: Project[] = [];
  for (let offset = 0; ; offset += Number(pageSize)) {
    const response = await fetch(`${url}/v1/projects?limit=${pageSize}&offset=${offset}`);
    const page = (await response.json()) as { data: Project[]; total: number };
    rows += page.data.length;
    kept.push(...page.data);
    const isLast = page.data.length === 0 || offset + Number(pageSize) >= page.total;
    if (isLast || kept.length >= 50 * Number(pageSize)) {
      await writer.write({
        columnData: columns.map((column) => ({ name: column[0], data: kept.map((row) => cellOf(row, column)) })),
        rowGroupSize: kept.length,
      });
      kept = [];
    }
    if (isLast) break;
  }
  await writer.finish();
  return { rows };
});
