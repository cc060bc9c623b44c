// `sluice run CONFIG`: reads a configuration's resources and writes a table of each.
import { restApiFile, type SourceRun } from '../rest-api/index.js';
import { errorText, exitCode, exitCodeOf } from './failure.js';
import { firstRows } from './first-rows.js';
import { onInterrupt } from './interrupt.js';
import { ProgressDisplay } from './progress-display.js';
import { styleFor } from './style.js';
import { summary } from './summary.js';

export interface RunFlags {
  readonly out: string;
  readonly name?: string;
  readonly preview: number;
  readonly logLevel: string;
}

/** Runs a configuration's file. Gives the exit code. */
export async function runCommand(config: string, flags: RunFlags): Promise<number> {
  const display = new ProgressDisplay();
  const goOn = `What is staged is kept: run the same command again to go on.`;
  using interrupt = onInterrupt((signal) => display.write(`${signal}: stopping. ${goOn} Once more to end at once.`));
  try {
    const source = await restApiFile(config, flags.name === undefined ? {} : { name: flags.name });
    const run = await source.run({
      out: flags.out,
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
    if (code !== exitCode.wrong) process.stderr.write(`${goOn}\n`);
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
