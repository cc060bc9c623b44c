// The file system calls by which the stage and a publish write. All go through this one object, so that a spec can slow them
// down, let them fail, record them, or end the process between two of them.
import * as fs from 'node:fs/promises';

export type FileSystem = Pick<
  typeof fs,
  'copyFile' | 'link' | 'mkdir' | 'open' | 'rename' | 'rm' | 'rmdir' | 'truncate' | 'unlink' | 'utimes'
>;

const { copyFile, link, mkdir, open, rename, rm, rmdir, truncate, unlink, utimes } = fs;

export const files: FileSystem = { copyFile, link, mkdir, open, rename, rm, rmdir, truncate, unlink, utimes };
