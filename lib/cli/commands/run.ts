// `sluice run`: its place on the command line.
import { type Command, Option } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { hasTables, memorySize, positive, readsConfig, wholeNumber } from '../flags.js';
import type { RunFlags } from '../run-command.js';

export function declareRun(program: Command, end: End): void {
  const command = readsConfig(program.command('run'))
    .description('read the resources of a configuration and write a table of each')
    .option('-s, --select <resource...>', 'only these resources')
    .addOption(new Option('--limit <pages>', 'at most so many pages of each resource, to try it').argParser(positive))
    .option('--since <value>', 'read from this value of the cursors on, whatever is remembered')
    .option('--until <value>', 'read up to this value of the cursors')
    .option('--full-refresh', 'read everything, and put it in the place of the tables')
    .option('--dry-run', 'only check the configuration and print what would be run')
    .addOption(
      new Option(
        '--max-memory <size>',
        'memory for what a run keeps; the program takes about 100 MB more (default: 192MiB)',
      ).argParser(memorySize),
    )
    .addOption(
      new Option(
        '--progress <how>',
        'bars on a terminal, plain lines for a log, JSON lines for programs; auto: whatever suits',
      )
        .choices(['auto', 'bars', 'plain', 'json', 'none'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--preview <rows>',
        'rows of each table to show at the end (default: 5 when there is one table)',
      ).argParser(wholeNumber),
    );
  examples(hasTables(command), [
    ['sluice run projects.json', 'writes out/<table>.parquet, and keeps it up to date'],
    ['sluice run projects.json --limit 2', 'tries it with two pages of each resource'],
    ['sluice run shop.yaml -s orders items -f csv.gz', 'two resources only, as compressed CSV'],
    ['sluice run shop.yaml --since 2024-01-01 --until 2024-02-01', 'reads January again'],
    ['sluice run shop.yaml --progress json 2> progress.jsonl', 'for a scheduler'],
  ]).action(async (config: string, flags: RunFlags) => {
    const { runCommand } = await import('../run-command.js');
    end(await runCommand(config, flags));
  });
}
