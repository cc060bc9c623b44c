// `sluice check CONFIG`: the configuration, and then one page of each resource.
import { firstValueFrom } from 'rxjs';
import type { Row, Rows } from '../core/index.js';
import { restApiFile } from '../rest-api/index.js';
import { errorText, exitCode, exitCodeOf } from './failure.js';
import type { SourceFlags } from './flags.js';
import { guarded, sourceOptions } from './guarded.js';
import { counted } from './numbers.js';
import { styleFor } from './style.js';

const none: Rows<Row> = { rows: [], position: { walk: '', page: 0, next: null }, bytes: 0 };

/** Prints what came of each resource. Gives the exit code: that of the first resource that failed. */
export async function checkCommand(config: string, flags: SourceFlags): Promise<number> {
  const style = styleFor(process.stdout);
  let code: number = exitCode.done;
  const checked = await guarded(flags, async () => {
    const source = await restApiFile(config, sourceOptions(flags));
    process.stdout.write(`${style.green('✓')} ${config}: the configuration is in order\n`);
    for (const [name, resource] of Object.entries(source.resources)) {
      try {
        const page = await firstValueFrom(resource, { defaultValue: none });
        const { rows } = page;
        const tables = [...source.tablesOf(name, page).keys()];
        const columns = new Set(rows.flatMap((row) => Object.keys(row))).size;
        const found =
          rows.length === 0
            ? 'no rows on the first page'
            : `${counted(rows.length, 'row')} of ${counted(columns, 'column')} on the first page`;
        const to = rows.length === 0 || tables.join() === name ? '' : `, for ${tables.join(', ')}`;
        process.stdout.write(`${style.green('✓')} ${name}: ${found}${to}\n`);
      } catch (error) {
        process.stdout.write(`${style.red('✗')} ${name}: ${errorText(error, { debug: flags.logLevel === 'debug' })}\n`);
        if (code === exitCode.done) code = exitCodeOf(error);
      }
    }
  });
  return checked === exitCode.done ? code : checked;
}
