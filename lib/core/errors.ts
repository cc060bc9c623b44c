// The base of every error that Sluice throws, and the errors that belong to no single folder.

/** Options that every Sluice error takes. */
export interface SluiceErrorOptions {
  /** What led to it. Must be free of secrets: it is printed with the error. */
  readonly cause?: unknown;
}

/** The base class of every error that Sluice throws. Branch on `code`; it is stable, the message is for people. */
export abstract class SluiceError extends Error {
  abstract override readonly name: string;
  /** Stable and greppable, such as `ERR_HTTP_STATUS`. */
  readonly code: string;

  constructor(code: string, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** An option or an argument is not usable. Codes: `ERR_INVALID_OPTION`. */
export class OptionError extends SluiceError {
  override readonly name = 'OptionError';
  /** The option's name as the caller wrote it. */
  readonly option: string;

  constructor(option: string, message: string) {
    super('ERR_INVALID_OPTION', `${option}: ${message}`);
    this.option = option;
  }
}

/** The run was stopped from outside. Code: `ERR_ABORTED`. What was committed is kept: the next run goes on from there. */
export class AbortedError extends SluiceError {
  override readonly name = 'AbortedError';

  constructor(message = 'the run was interrupted', options?: SluiceErrorOptions) {
    super('ERR_ABORTED', message, options);
  }
}
