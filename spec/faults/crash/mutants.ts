// The ways in which the sources are broken, one at a time, to see whether the crash suite notices: each sync, each rename, the load id, and each
// part of the journal's transaction is taken out.
import { tableMutants } from './table-mutants.js';

export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Stands once in the file, and is replaced. */
  readonly find: string;
  readonly replace: string;
  /** The specs that should see it, and which cases of them. @default the append in crash.spec.ts */
  readonly spec?: string;
  readonly cases?: string;
}

const intake = 'lib/table/intake.ts';
const journal = 'lib/stage/journal.ts';
const stage = 'lib/stage/stage.ts';
const segments = 'lib/stage/segment-writer.ts';
const durable = 'lib/stage/durable.ts';
const recovery = 'lib/stage/recovery.ts';
const stagedTables = 'lib/stage/staged-tables.ts';
const publish = 'lib/table/publish.ts';
const coming = 'lib/table/coming-files.ts';
const task = 'lib/table/publish-task.ts';
const state = 'lib/rest-api/incremental/state-file.ts';
const directory = 'lib/table/directory/prepare-directory.ts';

const cursor = 'state of its cursor';
const damageSpec = 'spec/faults/crash/damage.spec.ts';
const publishSpec = 'spec/faults/crash/damaged-publish.spec.ts';
const directories = 'once: two directories of one run$';

export const mutants: readonly Mutant[] = [
  { name: 'fsync: segment', file: segments, find: 'await segment.handle?.sync();', replace: '' },
  {
    name: 'fsync: folder of a new segment',
    file: segments,
    find: 'if (changed.some((segment) => !segment.known)) await this.#names.sync();',
    replace: '',
  },
  { name: 'fsync: journal record', file: journal, find: 'await this.#handle.datasync();', replace: '' },
  {
    name: 'fsync: folder of the journal',
    file: journal,
    find: 'await syncFolder(folder);',
    replace: '',
    cases: 'first pages are empty',
  },
  { name: 'fsync: folders of a new stage', file: durable, find: 'await syncFolder(dirname(made));', replace: '' },
  { name: 'fsync: new table file', file: publish, find: 'await syncFile(destination);', replace: '' },
  { name: 'fsync: folder of the table', file: coming, find: 'await syncFolder(dirname(path));', replace: '' },
  {
    name: 'fsync: removal of the journal',
    file: stage,
    find: 'await syncFolder(this.folder).catch(() => undefined);',
    replace: '',
  },
  {
    name: 'fsync: state file',
    file: durable,
    find: '(await handle.write(data, done)).bytesWritten;\n    await handle.sync();',
    replace: '(await handle.write(data, done)).bytesWritten;',
    cases: cursor,
  },
  {
    name: 'fsync: folder of the state file',
    file: durable,
    find: 'await syncFolder(dirname(file));',
    replace: '',
    cases: cursor,
  },
  { name: 'fsync: owner of the lock', file: 'lib/stage/lock.ts', find: 'await handle.sync();', replace: '' },
  {
    name: 'fsync: new files of a directory',
    file: directory,
    find: 'for (const { draft } of result.added) await syncFile(draft);',
    replace: '',
    cases: directories,
  },
  {
    name: 'fsync: folders of a directory',
    file: directory,
    find: 'for (const each of folders) await syncFolder(each);\n}',
    replace: '}',
    cases: directories,
  },
  {
    name: 'rename: table written in place',
    file: coming,
    find: 'await files.rename(draftPath(path), path);',
    replace: [
      "{ const draft = draftPath(path); const { readFile } = await import('node:fs/promises');",
      "const inPlace = await files.open(path, 'w');",
      'await inPlace.write(await readFile(draft));',
      'await inPlace.sync();',
      'await inPlace.close();',
      'await files.rm(draft); }',
    ].join(' '),
  },
  {
    name: 'rename: state written in place',
    file: durable,
    find: `const draft = ${'`$'}{file}.draft${'`'};`,
    replace: 'const draft = file;',
    cases: cursor,
  },
  {
    name: 'load id: an applied load is not recognised',
    file: task,
    find: 'earlierLoads.includes(stage.loadId)',
    replace: 'false',
  },
  {
    name: 'load id: a resumed run gets a new one',
    file: stage,
    find: 'const start = found?.start ?? newRun();',
    replace: 'const start = newRun();',
  },
  {
    name: 'load id: in one place',
    file: stage,
    find: 'await this.#writeLoad();\n      if (isNew)',
    replace: 'if (isNew)',
    spec: publishSpec,
    cases: 'source: append',
  },
  {
    name: 'load id: a table that has it is read again',
    file: 'lib/table/interrupted-publish.ts',
    find: 'stage.notePublished(target.table);',
    replace: '',
    spec: publishSpec,
    cases: 'source: append',
  },
  {
    name: 'load id: the new versions of other tables stay where they are',
    file: 'lib/table/interrupted-publish.ts',
    find: 'await placeDrafts(target, stage);',
    replace: '',
    spec: publishSpec,
    cases: 'whose note is gone',
  },
  {
    name: 'load id: a state counts whatever load was applied',
    file: state,
    find: 'loads.includes(one.load)',
    replace: 'true',
    cases: cursor,
  },
  {
    name: 'load id: a state that is not committed never counts',
    file: state,
    find: 'loads.includes(one.load)',
    replace: 'false',
    cases: cursor,
  },
  {
    name: 'transaction: positions recorded before their rows',
    file: stage,
    find: 'const tables = await Promise.all(changed',
    replace: [
      "await this.#journal.append({ type: 'commit', tables: Object.fromEntries(changed.map(([name]) => ",
      '[name, { segments: [], rows: 0, longestLine: 0, walks: this.#tables.get(name)!.walks.positions()',
      '.map((position) => ({ walk: position.walk, position })) }])) });\n      const tables = await Promise.all(changed',
    ].join(''),
  },
  {
    name: 'transaction: no checksum of a record',
    file: journal,
    find: "if (line.subarray(0, 8).toString('latin1') !== crc32(text).toString(16).padStart(8, '0')) return undefined;",
    replace: '',
    spec: damageSpec,
    cases: 'no number of its journal',
  },
  {
    name: 'transaction: no checksum of a segment',
    file: recovery,
    find: 'if (crc !== mark.crc)',
    replace: 'if (crc === -1)',
    spec: damageSpec,
    cases: 'a bit of its rows',
  },
  {
    name: 'transaction: segments not cut to the last commit',
    file: recovery,
    find: 'if (size > mark.bytes) await files.truncate(file, mark.bytes);',
    replace: '',
    cases: 'not committed',
  },
  {
    name: 'transaction: journal not cut to its last whole record',
    file: journal,
    find: 'await handle.truncate(bytes);',
    replace: 'bytes = (await handle.stat()).size;',
    cases: 'second crash',
  },
  {
    name: 'transaction: rows without their positions',
    file: stagedTables,
    find: 'for (const walk of mark.walks) this.#walks.set(walk.walk, walk);',
    replace: '',
  },
  {
    name: 'transaction: completion not recorded',
    file: stage,
    find: 'const record = this.#staged.completion(tables, partial);',
    replace: 'const record = this.#staged.completion([], partial);',
  },
  {
    name: 'transaction: the segments are removed before the journal',
    file: stage,
    find: 'await removeLoad(this.folder);',
    replace: [
      "for (const name of this.#tables.keys()) for (const file of this.segments(name)) await (await import('./file-system.js')).files.rm(file);",
      'await removeLoad(this.folder);',
    ].join(' '),
  },
  {
    name: 'transaction: pages that are in are taken again',
    file: intake,
    find: 'if (destination.log.walks.isReplay(page.position)) return;',
    replace: '',
    cases: 'begins with its first page',
  },
  ...tableMutants,
];
