// Runs a command's work, and turns its failure into a message and an exit code.
import { errorText, exitCode, exitCodeOf } from './failure.js';

/** What every command takes. */
export interface CommonFlags {
  readonly logLevel: string;
}

/** What every command takes that reads a configuration. */
export interface SourceFlags extends CommonFlags {
  readonly name?: string;
}

/** The exit code: 0, or what the error leads to. */
export async function guarded({ logLevel }: CommonFlags, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return exitCode.done;
  } catch (error) {
    process.stderr.write(`${errorText(error, { debug: logLevel === 'debug' })}\n`);
    return exitCodeOf(error);
  }
}

/** Options of `restApiFile`. */
export function sourceOptions({ name }: SourceFlags): { readonly name?: string } {
  return name === undefined ? {} : { name };
}
