// `sluice completion`: its place on the command line.
import { Argument, type Command } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';

export function declareCompletion(program: Command, end: End): void {
  const command = program
    .command('completion')
    .description('print a script by which a shell completes commands, options and files')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']));
  examples(command, [
    ['source <(sluice completion bash)', 'in ~/.bashrc'],
    ['source <(sluice completion zsh)', 'in ~/.zshrc, below compinit'],
    ['sluice completion fish | source', 'in ~/.config/fish/config.fish'],
  ]).action(async (shell: 'bash' | 'zsh' | 'fish') => {
    const { completionCommand } = await import('../completion-command.js');
    end(completionCommand(program, shell));
  });
}
