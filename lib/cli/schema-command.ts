// `sluice schema FILE`: the columns of a table's file.
import { OptionError } from '../core/index.js';
import { displayType } from '../schema/index.js';
import { readArrowInfo, readTableInfo, readTextInfo } from '../table/index.js';
import type { CommonFlags } from './flags.js';
import { guarded } from './guarded.js';
import { counted, size } from './numbers.js';
import { styleFor } from './style.js';
import { schemaTable } from './summary.js';

/** Prints name, type, nullable and key of each column. Gives the exit code. */
export function schemaCommand(file: string, flags: CommonFlags): Promise<number> {
  return guarded(flags, async () => {
    const info = await read(file);
    if (info === undefined) throw new OptionError('file', `there is no file ${file}`);
    const key = info.metadata?.primaryKey;
    const columns = info.schema.columns.map(({ name, type, nullable }) => ({
      name,
      type: displayType(type),
      nullable,
      ...(key && { key: key.includes(name) }),
    }));
    const head = styleFor(process.stdout).bold(`${file}: ${counted(info.rows, 'row')}, ${size(info.bytes)}`);
    process.stdout.write(`${[head, ...schemaTable(columns)].join('\n')}\n`);
  });
}

function read(file: string) {
  if (/\.(arrow|feather|ipc)$/i.test(file)) return readArrowInfo(file);
  if (/\.(csv|jsonl|ndjson)(\.(gz|zst))?$/i.test(file)) return readTextInfo(file, 'refuse');
  return readTableInfo(file);
}
