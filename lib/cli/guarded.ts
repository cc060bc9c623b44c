// Runs a command's work, and turns its failure into a message and an exit code.

import { OptionError } from '../core/index.js';
import type { RestApiOptions } from '../rest-api/index.js';
import { errorText, exitCode, exitCodeOf } from './failure.js';
import type { CommonFlags, SourceFlags } from './flags.js';

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

/** Options of `restApiFile`. @throws OptionError `ERR_INVALID_OPTION` as `loadEnvFiles` */
export function sourceOptions({ name, concurrency, envFile }: SourceFlags): RestApiOptions {
  loadEnvFiles(envFile);
  return { ...(name !== undefined && { name }), ...(concurrency !== undefined && { concurrency }) };
}

/**
 * Takes what files say into the environment, where it does not say it already.
 *
 * @throws OptionError `ERR_INVALID_OPTION` for a file that cannot be read
 */
export function loadEnvFiles(files: readonly string[] = []): void {
  for (const file of files) {
    try {
      process.loadEnvFile(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
      throw new OptionError('--env-file', `${file}: ${why}`);
    }
  }
}
