// `sluice init`: its place on the command line.
import { type Command, Option } from 'commander';
import type { End } from '../end.js';
import { examples } from '../examples.js';
import { logLevel } from '../flags.js';
import type { InitFlags } from '../init-command.js';

export function declareInit(program: Command, end: End): void {
  const command = program
    .command('init')
    .description('try an API, and write a configuration that runs: paginator, selector, primary key, incremental')
    .argument('<url...>', 'the address of a list, as you would open it in a browser; several make several resources')
    .option('-o, --output <file>', 'the configuration: .json, .yaml, or - for the standard output', 'sluice.json')
    .option('--force', 'put it in the place of a file that is there')
    .option('--name <name>', "the resource's name (default: from the address)")
    .addOption(
      new Option(
        '--auth <type>',
        'how to authenticate: bearer (TOKEN), api_key (API_KEY), http_basic (USERNAME, PASSWORD); looked up as secrets are, never written',
      ).choices(['bearer', 'api_key', 'http_basic']),
    )
    .option('--key-name <name>', 'the header, parameter or cookie that takes the API key')
    .addOption(
      new Option('--key-in <place>', 'where the API key goes').choices(['header', 'query', 'cookie']).default('header'),
    )
    .option('--header <line...>', 'a header that is sent with every request, such as "Accept: application/json"')
    .option('--env-file <file...>', 'files with lines NAME=value, for secrets; the environment itself comes first')
    .addOption(logLevel());
  examples(command, [
    ['sluice init https://api.example.com/v1/projects', 'writes sluice.json'],
    ['sluice init https://api.example.com/v1/projects -o projects.yaml', 'as YAML'],
    ['TOKEN=… sluice init https://api.example.com/v1/projects --auth bearer', 'with a token'],
    ['API_KEY=… sluice init https://api.example.com/v1/projects --key-name api_key --key-in query', 'with a key'],
    ['sluice init https://api.example.com/users https://api.example.com/teams', 'two resources'],
  ]).action(async (urls: readonly string[], flags: InitFlags) => {
    const { initCommand } = await import('../init-command.js');
    end(await initCommand(urls, flags));
  });
}
