// `sluice explain CONFIG`: the chains that a configuration is compiled to.
import { restApiFile } from '../rest-api/index.js';
import type { SourceFlags } from './flags.js';
import { guarded, sourceOptions } from './guarded.js';

export interface ExplainFlags extends SourceFlags {
  readonly diagram?: boolean;
}

/** Prints each resource's chain as TypeScript, or all of them as a diagram, without asking the API. Gives the exit code. */
export function explainCommand(config: string, flags: ExplainFlags): Promise<number> {
  return guarded(flags, async () => {
    const source = await restApiFile(config, sourceOptions(flags));
    process.stdout.write(`${flags.diagram ? source.diagram() : source.explain()}\n`);
  });
}
