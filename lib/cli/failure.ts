// Exit codes, and how an error is shown: what happened and what to do, without a stack trace unless one is asked for.
import { SluiceError } from '../core/index.js';

/** What the command ends with. */
export const exitCode = {
  done: 0,
  /** The run failed. */
  failed: 1,
  /** The configuration or the command line is wrong. */
  wrong: 2,
  /** SIGINT or SIGTERM. */
  interrupted: 130,
} as const;

/** The exit code that an error leads to. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SluiceError)) return exitCode.failed;
  switch (error.code) {
    case 'ERR_CONFIG':
    case 'ERR_INVALID_OPTION':
      return exitCode.wrong;
    case 'ERR_ABORTED':
      return exitCode.interrupted;
    default:
      return exitCode.failed;
  }
}

/** An error for a person. `debug`: with its stack, and what led to it. */
export function errorText(error: unknown, { debug = false }: { readonly debug?: boolean } = {}): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const code = error instanceof SluiceError ? ` (${error.code})` : '';
  const lines = [`error: ${error.message}${code}`];
  if (!debug) return lines.join('\n');
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    lines.push(each === error ? (each.stack ?? '') : `caused by ${each.stack ?? each.message}`);
  }
  return lines.join('\n');
}
