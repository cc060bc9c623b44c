// The options that make a table a directory of files, and what they come to.
import { basename } from 'node:path';
import { OptionError } from '../../core/index.js';
import type { DuckDbOptions } from '../memory-limits.js';
import type { Directory, Target } from '../publish-task.js';
import { DirectoryEngine } from './directory-engine.js';
import { readDirectoryInfo } from './directory-info.js';
import { type PartitionBy, partitionsOf } from './partition.js';
import { type RotationLimits, rotationLimits } from './rotation.js';

export interface LayoutOptions extends RotationLimits {
  /**
   * `file`: the path is a file. `directory`: it is a folder with files `<load id>.<n>.parquet`, and `_manifest.json` beside it names the
   * current ones. @default 'directory' when the path ends with `/` or another option of directories is given, otherwise 'file'
   */
  readonly layout?: 'file' | 'directory';
  /**
   * Divides a directory into folders, as Hive does: by a column (`country=DE/`), or by a part of a date (`{ column: 'created_at', transform:
   * 'month' }`: `created_at_month=2024-02/`). Several make folders in folders. @default none
   */
  readonly partitionBy?: PartitionBy;
}

/**
 * What the options say of a directory; `undefined` when the table is one file.
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function directoryOf(
  path: string,
  options: LayoutOptions & DuckDbOptions,
): { readonly directory: Directory; readonly inspect: Target['inspect'] } | undefined {
  const { layout, partitionBy, memoryLimit } = options;
  const limits = rotationLimits(options);
  const partitions = partitionsOf(partitionBy);
  if (layout !== undefined && layout !== 'file' && layout !== 'directory') {
    throw new OptionError('layout', `there is no "${String(layout)}". Give file or directory`);
  }
  const needs = partitions.length > 0 ? 'partitionBy' : Object.keys(limits)[0];
  if (layout === 'file' && needs !== undefined) throw new OptionError(needs, "needs layout: 'directory'");
  if (layout === 'file' || (layout === undefined && needs === undefined && !isFolder(path))) return undefined;
  if (/^[._]|=/.test(basename(path))) {
    const message = `the name of a table's folder must not start with "." or "_", or hold "=": readers of folders leave ${basename(path)} out`;
    throw new OptionError('path', message);
  }
  const memory = memoryLimit === undefined ? {} : { memoryLimit };
  const engine = new DirectoryEngine({ partitions, limits, ...memory });
  const { fileMaxSeconds: _, ...childLimits } = limits;
  const childEngine = new DirectoryEngine({ partitions: [], limits: childLimits, ...memory });
  return {
    directory: { engine, childEngine },
    inspect: readDirectoryInfo,
  };
}

/** Whether a path says by itself that it is a folder. */
export function isFolder(path: string): boolean {
  return /[/\\]$/.test(path);
}
