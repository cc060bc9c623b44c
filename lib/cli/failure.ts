// Which exit code an error leads to, and how it is shown: what happened and what to do, without a stack trace unless one is asked for.
import { SluiceError } from '../core/index.js';
import { exitCode } from './exit-code.js';

export { exitCode } from './exit-code.js';

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

/** The error's stable code, when it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof SluiceError ? error.code : undefined;
}

/** An error for a person. `debug`: with its stack, and what led to it. */
export function errorText(error: unknown, { debug = false }: { readonly debug?: boolean } = {}): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const code = codeOf(error);
  const lines = [`error: ${error.message}${code === undefined ? '' : ` (${code})`}`];
  if (!debug) return lines.join('\n');
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    lines.push(each === error ? (each.stack ?? '') : `caused by ${each.stack ?? each.message}`);
  }
  return lines.join('\n');
}
