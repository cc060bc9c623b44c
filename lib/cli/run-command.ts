// `sluice run CONFIG`: reads a configuration's resources and writes a table of each.
import { hasStage, restApiFile, type SourceRun, type SourceRunOptions } from '../rest-api/index.js';
import { codeOf, errorText, exitCode, exitCodeOf } from './failure.js';
import type { SourceFlags, TableFlags } from './flags.js';
import { sourceOptions } from './guarded.js';
import { onInterrupt } from './interrupt.js';
import { counted } from './numbers.js';
import type { ProgressKind } from './open-display.js';
import { RunProgress } from './run-progress.js';
import { commandLine } from './shell-quote.js';
import { styleFor } from './style.js';

export interface RunFlags extends SourceFlags, TableFlags {
  readonly progress: ProgressKind;
  readonly preview?: number;
  readonly select?: readonly string[];
  readonly limit?: number;
  readonly since?: string;
  readonly until?: string;
  readonly fullRefresh?: boolean;
  readonly dryRun?: boolean;
  readonly maxMemory?: number;
}

/** Milliseconds that the pages on their way have after a signal. */
const graceTime = 5000;

/** Runs a configuration's file. Gives the exit code. */
export async function runCommand(config: string, flags: RunFlags): Promise<number> {
  const { logLevel, out, preview, limit } = flags;
  const progress = new RunProgress(flags.progress, { stream: process.stderr, logLevel, limit });
  const { display } = progress;
  using interrupt = onInterrupt(async (signal) => {
    display.write(`${signal}: taking in the pages that are on their way, then stopping. Once more to end at once.`);
    await progress.pagesTaken(graceTime);
  });
  try {
    const source = await restApiFile(config, sourceOptions(flags));
    if (flags.dryRun) {
      process.stdout.write(`${source.explain()}\n`);
      return exitCode.done;
    }
    const { receipts, notes } = await source.run({
      ...runOptions(flags),
      signal: interrupt.signal,
      onProgress: (resource, event) => progress.take(resource, event),
    });
    display.close();
    await print(receipts, {
      resources: Object.keys(source.resources),
      preview,
      ...(flags.progress === 'json' && { json: { notes } }),
    });
    return exitCode.done;
  } catch (error) {
    display.close();
    const code = exitCodeOf(error);
    const text = errorText(error, { debug: logLevel === 'debug' });
    display.fail(code === exitCode.interrupted ? 'Stopped before the end.' : text, codeOf(error));
    // What is staged belongs to the run that holds it.
    const isLocked = codeOf(error) === 'ERR_STAGE_LOCKED';
    if (code !== exitCode.wrong && !isLocked && (await hasStage(out))) display.write(howToGoOn(progress, out));
    return code;
  }
}

function runOptions(flags: RunFlags): SourceRunOptions {
  const { out, format, select, limit, since, until, fullRefresh, maxMemory } = flags;
  return {
    out,
    ...(format !== undefined && { format }),
    ...(select && { select }),
    ...(limit !== undefined && { limit }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(fullRefresh && { fullRefresh }),
    ...(maxMemory !== undefined && { maxMemory }),
  };
}

/** What is kept, and the command that goes on from there. */
function howToGoOn({ resources }: RunProgress, out: string): string {
  const kept = resources.filter(({ rows }) => rows > 0);
  const rows = kept.reduce((sum, state) => sum + state.rows, 0);
  const pages = kept.reduce((sum, state) => sum + state.pages, 0);
  const what =
    rows === 0
      ? 'Nothing new is staged.'
      : `${counted(rows, 'row')} of ${counted(pages, 'page')} came in and ${rows === 1 ? 'is' : 'are'} staged in ${out}/.sluice.`;
  return `${what} The tables are as they were. To go on from there, run the same command again:\n  ${commandLine()}`;
}

interface PrintOptions {
  /** The names of all resources. */
  readonly resources: readonly string[];
  readonly preview: number | undefined;
  readonly json?: object;
}

async function print(run: SourceRun['receipts'], { resources, preview, json }: PrintOptions): Promise<void> {
  const receipts = Object.values(run);
  if (json) {
    process.stdout.write(`${JSON.stringify({ tables: receipts, ...json })}\n`);
    return;
  }
  // What the summary needs is loaded when there is one.
  const [{ summary }, { runTable }, { firstRows }] = await Promise.all([
    import('./summary.js'),
    import('./run-table.js'),
    import('./first-rows.js'),
  ]);
  const style = styleFor(process.stdout);
  const { columns } = process.stdout;
  const size = columns === undefined ? {} : { columns };
  // Tables that were made of lists inside of rows are tables, too.
  const isMany = receipts.length > 1 || receipts.some(({ children = [] }) => children.length > 0);
  if (receipts.length === 1 || preview !== undefined) {
    for (const receipt of receipts) {
      const [file] = receipt.files;
      const rows = file?.endsWith('.parquet') ? await firstRows(file, preview ?? 5) : [];
      process.stdout.write(`${summary(receipt, { style, preview: rows, ...size })}\n\n`);
    }
  }
  if (!isMany) return;
  const owners = Object.keys(run).map((label) => resources.find((name) => label.startsWith(`${name}: `)) ?? label);
  process.stdout.write(`${runTable(receipts, { style, ...size, resources: owners })}\n`);
}
