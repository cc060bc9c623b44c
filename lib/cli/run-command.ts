// `sluice run CONFIG`: reads a configuration's resources and writes a table of each.
import { hasStage, restApiFile, type SourceRun } from '../rest-api/index.js';
import { errorText, exitCode, exitCodeOf } from './failure.js';
import { firstRows } from './first-rows.js';
import { type SourceFlags, sourceOptions } from './guarded.js';
import { onInterrupt } from './interrupt.js';
import { ProgressDisplay } from './progress-display.js';
import { styleFor } from './style.js';
import { summary } from './summary.js';

export interface RunFlags extends SourceFlags {
  readonly out: string;
  readonly preview: number;
  readonly select?: readonly string[];
  readonly limit?: number;
  readonly fullRefresh?: boolean;
  readonly dryRun?: boolean;
}

/** Runs a configuration's file. Gives the exit code. */
export async function runCommand(config: string, flags: RunFlags): Promise<number> {
  const display = new ProgressDisplay();
  const goOn = `What is staged is kept: run the same command again to go on.`;
  using interrupt = onInterrupt((signal) => display.write(`${signal}: stopping. ${goOn} Once more to end at once.`));
  try {
    const source = await restApiFile(config, sourceOptions(flags));
    if (flags.dryRun) {
      process.stdout.write(`${source.explain()}\n`);
      return exitCode.done;
    }
    const run = await source.run({
      out: flags.out,
      ...(flags.select && { select: flags.select }),
      ...(flags.limit !== undefined && { limit: flags.limit }),
      ...(flags.fullRefresh && { fullRefresh: true }),
      signal: interrupt.signal,
      onProgress: (resource, event) => display.take(resource, event),
    });
    display.close();
    await print(run, flags.preview);
    return exitCode.done;
  } catch (error) {
    display.close();
    const code = exitCodeOf(error);
    process.stderr.write(`${errorText(error, { debug: flags.logLevel === 'debug' })}\n`);
    if (code !== exitCode.wrong && (await hasStage(flags.out))) process.stderr.write(`${goOn}\n`);
    return code;
  }
}

async function print({ receipts }: SourceRun, rows: number): Promise<void> {
  const style = styleFor(process.stdout);
  const { columns } = process.stdout;
  for (const receipt of Object.values(receipts)) {
    const [file] = receipt.files;
    const preview = file === undefined ? [] : await firstRows(file, rows);
    process.stdout.write(`${summary(receipt, { style, preview, ...(columns !== undefined && { columns }) })}\n\n`);
  }
}
