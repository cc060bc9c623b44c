// The errors of the stage.
import { SluiceError, type SluiceErrorOptions } from '../core/index.js';

export type StageErrorCode =
  /** Another run works on the same stage. */
  | 'ERR_STAGE_LOCKED'
  /** Another run took the stage over while this one was not responding. */
  | 'ERR_STAGE_LOST'
  /** The log cannot be read or written: disk full, no permission, too many open files. */
  | 'ERR_STAGE_IO'
  /** The journal was written by a newer version of Sluice. */
  | 'ERR_STAGE_VERSION';

/** The stage cannot be opened or written. What was committed before stays as it is, and the next run goes on from there. */
export class StageError extends SluiceError {
  override readonly name = 'StageError';
  declare readonly code: StageErrorCode;
  /** The stage's folder. */
  readonly folder: string;

  constructor(code: StageErrorCode, folder: string, message: string, options?: SluiceErrorOptions) {
    super(code, message, options);
    this.folder = folder;
  }
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Make room and run again: the run goes on from its last commit.',
  EDQUOT: 'The disk quota is used up. Make room and run again: the run goes on from its last commit.',
  EACCES: 'This user has no permission there. Change the permissions or choose another output folder.',
  EPERM: 'This user has no permission there. Change the permissions or choose another output folder.',
  EROFS: 'The file system is read-only. Choose another output folder.',
  EIO: 'The disk does not read or write there, and a part of it may be broken. Move that file away, or choose another output folder.',
  EMFILE: 'The process has too many open files. Raise the limit (ulimit -n) and run again.',
  ENFILE: 'The system has too many open files. Close some and run again.',
  ENOTDIR: 'A part of the path is a file, not a folder. Choose another output folder.',
  EEXIST: 'A file is where a folder is needed. Choose another output folder.',
};

/** What a person can do about a failed file system call; empty when nothing is known. */
export function adviceFor(cause: unknown): string {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? (advice[code] ?? '') : '';
}

/** Wraps a failed file system call, unless it is one of our own errors already. */
export function ioError(folder: string, what: string, cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StageError('ERR_STAGE_IO', folder, `${what}: ${reason}. ${adviceFor(cause)}`.trimEnd(), { cause });
}
