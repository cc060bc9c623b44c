// `sluice schema FILE`: the columns of a Parquet file.
import { displayType } from '../schema/index.js';
import { readTableInfo } from '../table/index.js';
import { errorText, exitCode, exitCodeOf } from './failure.js';
import { counted, size } from './numbers.js';
import { styleFor } from './style.js';
import { schemaTable } from './summary.js';

/** Prints name, type, nullable and key of each column. Gives the exit code. */
export async function schemaCommand(file: string, { logLevel }: { readonly logLevel: string }): Promise<number> {
  try {
    const info = await readTableInfo(file);
    if (info === undefined) {
      process.stderr.write(`error: there is no file ${file}\n`);
      return exitCode.failed;
    }
    const key = info.metadata?.primaryKey;
    const columns = info.schema.columns.map(({ name, type, nullable }) => ({
      name,
      type: displayType(type),
      nullable,
      ...(key && { key: key.includes(name) }),
    }));
    const head = styleFor(process.stdout).bold(`${file}: ${counted(info.rows, 'row')}, ${size(info.bytes)}`);
    process.stdout.write(`${[head, ...schemaTable(columns)].join('\n')}\n`);
    return exitCode.done;
  } catch (error) {
    process.stderr.write(`${errorText(error, { debug: logLevel === 'debug' })}\n`);
    return exitCodeOf(error);
  }
}
