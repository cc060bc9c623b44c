#!/usr/bin/env node
// The command `sluice`: reads the command line, and loads only what the command that was asked for needs.
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCode } from './failure.js';
import type { RunFlags } from './run-command.js';

const examples = `
Examples:
  $ sluice run projects.json --out out      reads the API, writes out/<table>.parquet
  $ sluice schema out/project_data.parquet  the columns of a table: name, type, nullable, key
`;

async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.done;
  const program = new Command('sluice')
    .description('Streams the pages of any REST API into Parquet files, and keeps them up to date.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .exitOverride();

  program
    .command('run')
    .description('read the resources of a configuration and write a table of each')
    .argument('<config>', "a JSON, YAML, TOML, JavaScript or TypeScript file with the keys of dlt's rest_api")
    .option('-o, --out <folder>', 'where the tables are written', 'out')
    .option('--name <name>', "the source's name, by which secrets are looked up in their sections")
    .addOption(
      new Option('--preview <rows>', 'rows of each table to show at the end').default(5).argParser(wholeNumber),
    )
    .addOption(logLevel())
    .action(async (config: string, flags: RunFlags) => {
      const { runCommand } = await import('./run-command.js');
      code = await runCommand(config, flags);
    });

  program
    .command('schema')
    .description('print the columns of a Parquet file: name, type, nullable, key')
    .argument('<file>', 'a Parquet file, written by sluice or by anything else')
    .addOption(logLevel())
    .action(async (file: string, flags: { readonly logLevel: string }) => {
      const { schemaCommand } = await import('./schema-command.js');
      code = await schemaCommand(file, flags);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end with 0; everything else is a wrong command line, which commander has explained already.
    return error.exitCode === 0 ? exitCode.done : exitCode.wrong;
  }
  return code;
}

function logLevel(): Option {
  return new Option('--log-level <level>', 'debug also shows where errors come from')
    .choices(['info', 'debug'])
    .default('info');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError(`${text} is not a whole number.`);
  return value;
}

/** The package's own version: its package.json is above this file, in the sources as in what is built from them. */
function version(): string {
  for (const up of ['../../', '../../../']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
        readonly name: string;
        readonly version: string;
      };
      if (manifest.name === 'sluice') return manifest.version;
    } catch {
      // Not here; one folder up.
    }
  }
  return 'unknown';
}

process.exitCode = await main(process.argv.slice(2));
