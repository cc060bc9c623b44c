// The options that several commands take, and the texts that they are read from.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TableFormat } from '../rest-api/index.js';
import { memoryBytes } from '../rest-api/memory-size.js';

/** How much is told. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What every command takes. */
export interface CommonFlags {
  readonly logLevel: LogLevel;
}

/** What every command takes that reads a configuration. */
export interface SourceFlags extends CommonFlags {
  readonly name?: string;
  readonly concurrency?: number;
  readonly envFile?: readonly string[];
}

/** What every command takes that looks at the folder of the tables. */
export interface TableFlags {
  readonly out: string;
  readonly format?: TableFormat;
}

/** `--log-level`. */
export function logLevel(): Option {
  return new Option(
    '--log-level <level>',
    'how much is told; debug also shows each request, and where errors come from',
  )
    .choices(['error', 'warn', 'info', 'debug'])
    .default('info');
}

/** The argument and the options of a command that reads a configuration. */
export function readsConfig(command: Command): Command {
  return command
    .argument('<config>', "a JSON, YAML, TOML, JavaScript or TypeScript file with the keys of dlt's rest_api")
    .option('--name <name>', "the source's name, by which secrets are looked up in their sections")
    .option('--env-file <file...>', 'files with lines NAME=value, for secrets; the environment itself comes first')
    .addOption(
      new Option(
        '--concurrency <requests>',
        'requests at once: of each resource, and of all of them together',
      ).argParser(positive),
    )
    .addOption(logLevel());
}

/** `--out`. */
export function hasFolder(command: Command): Command {
  return command.option('-o, --out <folder>', 'the folder of the tables', 'out');
}

/** `--out` and `--format`. */
export function hasTables(command: Command): Command {
  return hasFolder(command).addOption(
    new Option(
      '-f, --format <format>',
      'what the tables are written as (default: what the configuration says, or else parquet)',
    ).choices(['parquet', 'arrow', 'csv', 'csv.gz', 'csv.zst', 'jsonl', 'jsonl.gz', 'jsonl.zst', 'duckdb']),
  );
}

/** A whole number of at least 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError(`${text} is not a whole number.`);
  return value;
}

/** A whole number of at least 1. */
export function positive(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** An amount of memory: `512MB`, `1.5 GiB`. Gives bytes. */
export function memorySize(text: string): number {
  const bytes = memoryBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError(`${text} is not an amount of memory, such as 512MB or 1GiB.`);
  return bytes;
}
