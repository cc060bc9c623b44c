#!/usr/bin/env node
// The command `sluice`: reads the command line, and loads only what the command that was asked for needs.
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCode } from './failure.js';
import type { CommonFlags, SourceFlags } from './guarded.js';
import type { PreviewFlags } from './preview-command.js';
import type { RunFlags } from './run-command.js';

const examples = `
Examples:
  $ sluice run projects.json --out out      reads the API, writes out/<table>.parquet
  $ sluice check projects.json              checks it, and asks for one page of each resource
  $ sluice preview projects.json projects   the first rows of a resource
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

  const reading = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument('<config>', "a JSON, YAML, TOML, JavaScript or TypeScript file with the keys of dlt's rest_api")
      .option('--name <name>', "the source's name, by which secrets are looked up in their sections")
      .addOption(logLevel());

  reading('run', 'read the resources of a configuration and write a table of each')
    .option('-o, --out <folder>', 'where the tables are written', 'out')
    .option('-s, --select <resource...>', 'only these resources')
    .addOption(
      new Option('--limit <pages>', 'at most so many pages of each resource, to try it').argParser(wholeNumber),
    )
    .option('--full-refresh', 'read everything, and put it in the place of the tables')
    .option('--dry-run', 'only check the configuration and print what would be run')
    .addOption(
      new Option('--preview <rows>', 'rows of each table to show at the end').default(5).argParser(wholeNumber),
    )
    .action(async (config: string, flags: RunFlags) => {
      const { runCommand } = await import('./run-command.js');
      code = await runCommand(config, flags);
    });

  reading('check', 'check a configuration, then ask for one page of each resource').action(
    async (config: string, flags: SourceFlags) => {
      const { checkCommand } = await import('./check-command.js');
      code = await checkCommand(config, flags);
    },
  );

  reading('preview', 'print the first rows of a resource and their columns, and write nothing')
    .argument('<resource>', "the resource's name")
    .addOption(new Option('--rows <rows>', 'how many').default(10).argParser(wholeNumber))
    .action(async (config: string, resource: string, flags: PreviewFlags) => {
      const { previewCommand } = await import('./preview-command.js');
      code = await previewCommand(config, resource, flags);
    });

  reading('explain', 'print the chains that a configuration is compiled to').action(
    async (config: string, flags: SourceFlags) => {
      const { explainCommand } = await import('./explain-command.js');
      code = await explainCommand(config, flags);
    },
  );

  program
    .command('schema')
    .description('print the columns of a Parquet file: name, type, nullable, key')
    .argument('<file>', 'a Parquet file, written by sluice or by anything else')
    .addOption(logLevel())
    .action(async (file: string, flags: CommonFlags) => {
      const { schemaCommand } = await import('./schema-command.js');
      code = await schemaCommand(file, flags);
    });

  program
    .command('json-schema')
    .description('print the JSON Schema of configurations, for editors')
    .action(async () => {
      const { jsonSchemaCommand } = await import('./json-schema-command.js');
      code = await jsonSchemaCommand();
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
