// The command line as a whole: every command with its arguments, its options, and its examples.
import { Command } from 'commander';
import { declareCheck } from './commands/check.js';
import { declareCompletion } from './commands/completion.js';
import { declareExplain } from './commands/explain.js';
import { declareInit } from './commands/init.js';
import { declareJsonSchema } from './commands/json-schema.js';
import { declarePreview } from './commands/preview.js';
import { declareRun } from './commands/run.js';
import { declareSchema } from './commands/schema.js';
import { declareState } from './commands/state.js';
import type { End } from './end.js';
import { examples } from './examples.js';

/** The command line. It ends no process: a wrong command line is a `CommanderError`. */
export function buildProgram(version: string, end: End): Command {
  const program = new Command('sluice')
    .description('Streams the pages of any REST API into Parquet, Arrow, CSV or JSON lines, and keeps them up to date.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for help)')
    .configureHelp({ showGlobalOptions: false })
    .exitOverride();
  examples(program, [
    ['sluice init https://api.example.com/v1/projects', 'tries an API, writes a configuration for it'],
    ['sluice run projects.json', 'reads the API, writes out/<table>.parquet'],
    ['sluice check projects.json', 'checks it, and asks for one page of each resource'],
    ['sluice preview projects.json project_data', 'the first rows of a resource'],
    ['sluice schema out/project_data.parquet', 'the columns of a table: name, type, nullable, key'],
  ]);
  declareInit(program, end);
  declareRun(program, end);
  declareCheck(program, end);
  declarePreview(program, end);
  declareExplain(program, end);
  declareState(program, end);
  declareSchema(program, end);
  declareJsonSchema(program, end);
  declareCompletion(program, end);
  return program;
}
