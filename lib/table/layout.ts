// Where the files of a table and of its stage are.
import { createHash } from 'node:crypto';
import { basename, dirname, join, parse, resolve } from 'node:path';

/** The table's name, from its file or folder: `project_data` for `out/project_data.parquet` and `out/project_data/`. */
export function tableName(path: string): string {
  return /[/\\]$/.test(path) ? basename(path) : parse(path).name;
}

/** `<out>/.sluice/<file names>`: one stage for all tables of a run. */
export function stageFolder(paths: readonly string[]): string {
  const names = paths.map((path) => basename(path)).join('+');
  const hash = createHash('sha256').update(names).digest('hex').slice(0, 12);
  const short = Buffer.byteLength(names) <= 120 ? names : `${[...names].slice(0, 30).join('')}-${hash}`;
  const name = taken.test(short) ? `${short}@stage` : short;
  return join(dirname(resolve(paths[0] ?? '.')), '.sluice', name);
}

/** What else is in `.sluice`: what is remembered from run to run, and its locks, the lock of the manifest, and what lies beside the stage or the table of another name. */
const taken = /^(state|_manifest\.json)$|\.(drafts|damaged|table\.json|placing\.json|draft)$|@state$/i;

/** The table whose draft this is, or the path itself. */
export function placeOf(path: string): string {
  const name = /^\.(.+)\.draft$/.exec(basename(path))?.[1];
  return name === undefined ? path : join(dirname(path), name);
}

/** The name under which a table's new file is written, in the same folder, before it is renamed. */
export function draftPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.draft`);
}
