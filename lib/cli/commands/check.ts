// `sluice check`: its place on the command line.
import type { Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { readsConfig, type SourceFlags } from '../flags.js';

export function declareCheck(program: Command, end: End): void {
  const command = readsConfig(program.command('check')).description(
    'check a configuration, then ask for one page of each resource',
  );
  examples(command, [
    ['sluice check projects.json', 'all problems at once, each with its line; then one page of each resource'],
    ['sluice check projects.json --env-file .env', 'with the secrets of a file'],
  ]).action(async (config: string, flags: SourceFlags) => {
    const { checkCommand } = await import('../check-command.js');
    end(await checkCommand(config, flags));
  });
}
