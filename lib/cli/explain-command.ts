// `sluice explain CONFIG`: the chains that a configuration is compiled to.
import { restApiFile } from '../rest-api/index.js';
import { guarded, type SourceFlags, sourceOptions } from './guarded.js';

/** Prints each resource's chain as TypeScript, without asking the API. Gives the exit code. */
export function explainCommand(config: string, flags: SourceFlags): Promise<number> {
  return guarded(flags, async () => {
    const source = await restApiFile(config, sourceOptions(flags));
    process.stdout.write(`${source.explain()}\n`);
  });
}
