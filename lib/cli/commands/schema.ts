// `sluice schema`: its place on the command line.
import type { Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { type CommonFlags, logLevel } from '../flags.js';

export function declareSchema(program: Command, end: End): void {
  const command = program
    .command('schema')
    .description('print the columns of a table: name, type, nullable, key')
    .argument(
      '<file>',
      'a Parquet or Arrow file, also one that something else wrote; or a CSV, JSON lines or DuckDB file of sluice',
    )
    .addOption(logLevel());
  examples(command, [
    ['sluice schema out/project_data.parquet', 'name, type, whether NULL may occur, and the key'],
  ]).action(async (file: string, flags: CommonFlags) => {
    const { schemaCommand } = await import('../schema-command.js');
    end(await schemaCommand(file, flags));
  });
}
