// What the other folders take from the stage.
export type { Staged } from './dropped-load.js';
export { hasCode, makeFolder, moveFile, syncFile, syncFolder, writeDurably } from './durable.js';
export { type FileSystem, files } from './file-system.js';
export { lockFolder } from './folder-lock.js';
export { Lock } from './lock.js';
export { Stage, type StageOptions } from './stage.js';
export { adviceFor, StageError, type StageErrorCode } from './stage-error.js';
export type { Lines, TableLog } from './table-log.js';
