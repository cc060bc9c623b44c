// When a file of a directory is full, and which small files of a directory are gathered into one.
import { OptionError } from '../../core/index.js';
import type { ManifestFile } from './manifest.js';

/** Above which amounts rows go into another file. */
export interface RotationLimits {
  /** Most rows in a file. At least 1. @default no limit */
  readonly fileMaxItems?: number;
  /** Most bytes in a file, about: files are cut between rows by their average size. At least 1. @default no limit */
  readonly fileMaxBytes?: number;
  /**
   * Seconds of the span in which the rows of a new file came, counted from the hour: with 3600 a file has rows of one hour. Small files are
   * not gathered then. At least 1. @default no limit
   */
  readonly fileMaxSeconds?: number;
}

/** @throws OptionError `ERR_INVALID_OPTION` for a limit that is not an integer of at least 1 */
export function rotationLimits(options: RotationLimits): RotationLimits {
  const { fileMaxItems, fileMaxBytes, fileMaxSeconds } = options;
  const limits = { fileMaxItems, fileMaxBytes, fileMaxSeconds };
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!(Number.isInteger(value) && Number(value) >= 1)) {
      throw new OptionError(name, `must be an integer of at least 1, not ${String(value)}`);
    }
  }
  return Object.fromEntries(given);
}

/** Rows for each file, so that a file of this size is cut into files within the limits; all of them when it is within. */
export function rowsOfEachFile(rows: number, bytes: number, { fileMaxItems, fileMaxBytes }: RotationLimits): number {
  const files = fileMaxBytes === undefined ? 1 : Math.ceil(bytes / fileMaxBytes);
  return Math.min(fileMaxItems ?? rows, Math.max(Math.ceil(rows / files), 1));
}

/** Small files in one folder before they are gathered. */
const fewFiles = 8;

/**
 * Which files of a folder that gets a new one are gathered into it: none while they are few; then the small ones, each of which is not much
 * larger than all smaller ones together. So a row is written again only now and then, and the number of files stays small.
 */
export function filesToGather(
  files: readonly ManifestFile[],
  { fileMaxItems, fileMaxBytes }: RotationLimits,
): ManifestFile[] {
  const isSmall = ({ rows, bytes }: ManifestFile): boolean =>
    rows < (fileMaxItems ?? Number.POSITIVE_INFINITY) / 2 && bytes < (fileMaxBytes ?? Number.POSITIVE_INFINITY) / 2;
  const small = files.filter(isSmall).sort((one, other) => one.bytes - other.bytes);
  if (small.length < fewFiles) return [];
  let sum = 0;
  const end = small.findIndex(({ bytes }) => {
    const tooLarge = sum > 0 && bytes > 2 * sum;
    sum += bytes;
    return tooLarge;
  });
  return end < 0 ? small : small.slice(0, Math.max(end, 2));
}
