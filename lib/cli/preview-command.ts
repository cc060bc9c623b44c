// `sluice preview CONFIG RESOURCE`: the first rows of a resource, how they were found, and the columns that they would have.
import { lastValueFrom, scan, takeWhile } from 'rxjs';
import { OptionError, type Row } from '../core/index.js';
import { restApiFile } from '../rest-api/index.js';
import { displayType, RowEncoder, resolve } from '../schema/index.js';
import { eventLine } from './event-line.js';
import type { SourceFlags } from './flags.js';
import { guarded, sourceOptions } from './guarded.js';
import { observed } from './observed.js';
import { styleFor } from './style.js';
import { previewTable, schemaTable } from './summary.js';

export interface PreviewFlags extends SourceFlags {
  readonly rows: number;
  /** Whose state has the refresh token that works now, when the server rotates them. */
  readonly out: string;
}

/** Prints the rows and their columns; writes no table. Gives the exit code. */
export function previewCommand(config: string, name: string, flags: PreviewFlags): Promise<number> {
  return guarded(flags, async () => {
    const source = await restApiFile(config, { ...sourceOptions(flags), out: flags.out });
    const resource = source.resources[name];
    if (resource === undefined) {
      throw new OptionError(
        'resource',
        `there is no resource "${name}"; there are ${Object.keys(source.resources).join(', ')}`,
      );
    }
    const style = styleFor(process.stderr);
    const rows = await lastValueFrom(
      observed(resource, (event) => {
        const line = eventLine(undefined, event, flags.logLevel);
        if (line !== undefined) process.stderr.write(`${style.dim(line)}\n`);
      }).pipe(
        scan((all: readonly Row[], chunk) => [...all, ...chunk.rows].slice(0, flags.rows), []),
        takeWhile((all) => all.length < flags.rows, true),
      ),
      { defaultValue: [] },
    );
    if (rows.length === 0) {
      process.stdout.write(`${name} has no rows\n`);
      return;
    }
    const encoder = new RowEncoder();
    encoder.encode(rows, { page: 0 });
    const columns = resolve(encoder.shape).columns.map((column) => ({ ...column, type: displayType(column.type) }));
    const width = process.stdout.columns;
    const lines = [...previewTable(rows, width === undefined ? {} : { columns: width }), '', ...schemaTable(columns)];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}
