// `sluice preview`: its place on the command line.
import { type Command, Option } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { hasFolder, positive, readsConfig } from '../flags.js';
import type { PreviewFlags } from '../preview-command.js';

export function declarePreview(program: Command, end: End): void {
  const command = hasFolder(readsConfig(program.command('preview')))
    .description('print the first rows of a resource, how they were found, and their columns; writes nothing')
    .argument('<resource>', "the resource's name")
    .addOption(new Option('--rows <rows>', 'how many').default(10).argParser(positive));
  examples(command, [
    ['sluice preview projects.json project_data', 'ten rows, and the columns that they would have'],
    ['sluice preview projects.json project_data --rows 100 | less -S', 'more of them'],
  ]).action(async (config: string, resource: string, flags: PreviewFlags) => {
    const { previewCommand } = await import('../preview-command.js');
    end(await previewCommand(config, resource, flags));
  });
}
