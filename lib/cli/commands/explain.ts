// `sluice explain`: its place on the command line.
import type { Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import type { ExplainFlags } from '../explain-command.js';
import { readsConfig } from '../flags.js';

export function declareExplain(program: Command, end: End): void {
  const command = readsConfig(program.command('explain'))
    .description('print the chains that a configuration is compiled to; asks nothing')
    .option('--diagram', 'which resource feeds which, as a diagram in Mermaid');
  examples(command, [
    ['sluice explain shop.yaml', 'each resource as the TypeScript that says the same'],
    ['sluice explain shop.yaml --diagram', 'which resource feeds which, for a document'],
  ]).action(async (config: string, flags: ExplainFlags) => {
    const { explainCommand } = await import('../explain-command.js');
    end(await explainCommand(config, flags));
  });
}
