// `sluice schema FILE`: the columns of a table's file, or of each table of a database.
import { OptionError } from '../core/index.js';
import { displayType } from '../schema/index.js';
import { readArrowInfo, readDatabaseTables, readTableInfo, readTextInfo, type TableInfo } from '../table/index.js';
import type { CommonFlags } from './flags.js';
import { guarded } from './guarded.js';
import { counted, size } from './numbers.js';
import { styleFor } from './style.js';
import { schemaTable } from './summary.js';

/** Prints name, type, nullable and key of each column. Gives the exit code. */
export function schemaCommand(file: string, flags: CommonFlags): Promise<number> {
  return guarded(flags, async () => {
    const tables = await read(file);
    if (tables === undefined) throw new OptionError('file', `there is no file ${file}`);
    if (tables.length === 0) throw new OptionError('file', `${file} has no table that Sluice wrote`);
    const { bold } = styleFor(process.stdout);
    const texts = tables.map(({ title, info }) =>
      [bold(`${title}: ${counted(info.rows, 'row')}, ${size(info.bytes)}`), ...columnsOf(info)].join('\n'),
    );
    process.stdout.write(`${texts.join('\n\n')}\n`);
  });
}

function columnsOf({ schema, metadata }: TableInfo): string[] {
  const key = metadata?.primaryKey;
  return schemaTable(
    schema.columns.map(({ name, type, nullable }) => ({
      name,
      type: displayType(type),
      nullable,
      ...(key && { key: key.includes(name) }),
    })),
  );
}

interface Shown {
  readonly title: string;
  readonly info: TableInfo;
}

async function read(file: string): Promise<Shown[] | undefined> {
  if (/\.(duckdb|ddb)$/i.test(file)) {
    const tables = await readDatabaseTables(file);
    return tables?.map((info) => ({ title: `${file}, ${info.name}`, info }));
  }
  const info = await readOne(file);
  return info && [{ title: file, info }];
}

function readOne(file: string): Promise<TableInfo | undefined> {
  if (/\.(arrow|feather|ipc)$/i.test(file)) return readArrowInfo(file);
  if (/\.(csv|jsonl|ndjson)(\.(gz|zst))?$/i.test(file)) return readTextInfo(file, 'refuse');
  return readTableInfo(file);
}
