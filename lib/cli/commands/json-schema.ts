// `sluice json-schema`: its place on the command line.
import type { Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';

export function declareJsonSchema(program: Command, end: End): void {
  const command = program.command('json-schema').description('print the JSON Schema of configurations, for editors');
  examples(command, [
    ['sluice json-schema > sluice.schema.json', 'then "$schema": "./sluice.schema.json" in a configuration'],
  ]).action(async () => {
    const { jsonSchemaCommand } = await import('../json-schema-command.js');
    end(await jsonSchemaCommand());
  });
}
