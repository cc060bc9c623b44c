// `sluice init URL`: tries an API, and writes a configuration that runs.
import { access, writeFile } from 'node:fs/promises';
import { firstValueFrom, take, toArray } from 'rxjs';
import { OptionError, RequestError } from '../core/index.js';
import { type ClientConfig, type RestApiConfig, restApi, restApiClient } from '../rest-api/index.js';
import { exitCode } from './failure.js';
import type { CommonFlags } from './flags.js';
import { guarded, loadEnvFiles } from './guarded.js';
import { authAdvice } from './init/auth-advice.js';
import { type Explored, explore, InitError } from './init/explore.js';
import { type AuthFlags, type Target, targetOf } from './init/target.js';
import { counted } from './numbers.js';
import { shellQuote } from './shell-quote.js';
import { styleFor } from './style.js';

export interface InitFlags extends CommonFlags, AuthFlags {
  readonly output: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly envFile?: readonly string[];
}

/** Looks at each address, and writes one configuration with a resource for each. Gives the exit code. */
export async function initCommand(addresses: readonly string[], flags: InitFlags): Promise<number> {
  let code: number = exitCode.done;
  const ended = await guarded(flags, async () => {
    const { output } = flags;
    const style = styleFor(process.stderr);
    const say = (text: string) => process.stderr.write(`${text}\n`);
    await checkOutput(flags);
    loadEnvFiles(flags.envFile);
    const targets = addresses.map((address) => targetOf(address, flags));
    const client = commonClient(targets);
    const secrets = Object.assign({}, ...targets.map((target) => target.secrets)) as Record<string, string>;
    const api = restApiClient(client, { secrets });
    const explored: Explored[] = [];
    try {
      for (const [index, target] of targets.entries()) {
        const { resource, findings, rows } = await explore(api, below(client, target), nameFor(target, targets, flags));
        explored.push({ resource, findings, rows });
        say(style.bold(`${resource.name}: ${addresses[index]!.replace(/\?.*$/s, '')}`));
        for (const finding of findings) say(`  ${style.green('✓')} ${finding}`);
      }
    } catch (error) {
      const advice =
        error instanceof RequestError && authAdvice(error, addresses[explored.length]!, client.auth != null);
      if (!advice) throw error;
      process.stderr.write(`${advice}\n`);
      code = exitCode.failed;
      return;
    } finally {
      api.close();
    }
    const config: RestApiConfig = { client, resources: explored.map(({ resource }) => resource) };
    await tryOut(config, secrets, say);
    await write(output, config);
    for (const name of Object.keys(secrets))
      say(
        `The ${name} of the address is not in the configuration. Runs look it up: give it as ${name.toUpperCase()} in the environment.`,
      );
    if (output !== '-') say(`\nWritten to ${output}. Run it with:\n  ${shellQuote(['sluice', 'run', output])}`);
  });
  return ended === exitCode.done ? code : ended;
}

/** @throws OptionError `ERR_INVALID_OPTION` */
async function checkOutput({ output, force }: InitFlags): Promise<void> {
  if (output === '-') return;
  if (!/\.(json|ya?ml)$/i.test(output))
    throw new OptionError('--output', `${output} must end in .json, .yaml or .yml, or be - for the standard output`);
  const isThere = await access(output).then(
    () => true,
    () => false,
  );
  if (isThere && !force)
    throw new OptionError('--output', `${output} is there already; --force puts the new one in its place`);
}

/** One client for all resources: what the base URLs have in common is its base. */
function commonClient(targets: readonly Target[]): ClientConfig {
  const [first, ...others] = targets.map(({ client }) => client);
  let base = first!.base_url;
  for (const { base_url } of others) {
    if (new URL(base_url).origin !== new URL(base).origin)
      throw new OptionError('url', `${base_url} and ${base} are two APIs: make a configuration for each`);
    while (!`${base_url}/`.startsWith(`${base}/`)) base = base.slice(0, base.lastIndexOf('/'));
  }
  const auth = targets.map(({ client }) => client.auth).find((each) => each !== undefined);
  return { ...first!, base_url: base, ...(auth && { auth }) };
}

/** The target with its path below the base of all. */
function below({ base_url }: ClientConfig, target: Target): Target {
  const more = target.client.base_url.slice(base_url.length).replace(/^\//, '');
  return more === '' ? target : { ...target, path: `${more}/${target.path}` };
}

/** Names must differ: of two with the same, the later ones are counted. */
function nameFor(target: Target, targets: readonly Target[], { name }: InitFlags): string {
  if (name !== undefined && targets.length === 1) return name;
  const before = targets.slice(0, targets.indexOf(target)).filter((each) => each.name === target.name).length;
  return before === 0 ? target.name : `${target.name}_${before + 1}`;
}

/** Reads two pages of each resource with the configuration as it will be written. */
async function tryOut(
  config: RestApiConfig,
  secrets: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<void> {
  const style = styleFor(process.stderr);
  for (const [name, resource] of Object.entries(restApi(config, { secrets }).resources)) {
    const chunks = await firstValueFrom(resource.pipe(take(2), toArray()));
    const rows = chunks.flatMap((chunk) => chunk.rows);
    if (chunks.length === 0) throw new InitError(`the configuration that was made gave no page of ${name}`);
    say(`  ${style.green('✓')} tried: ${counted(rows.length, 'row')} of ${counted(chunks.length, 'page')} of ${name}`);
  }
}

async function write(output: string, config: RestApiConfig): Promise<void> {
  let text = `${JSON.stringify(config, null, 2)}\n`;
  if (/\.ya?ml$/i.test(output)) text = (await import('./init/yaml-text.js')).yamlText(config);
  if (output === '-') process.stdout.write(text);
  else await writeFile(output, text);
}
