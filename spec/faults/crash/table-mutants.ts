// The ways in which what makes tables of the log is broken, as `mutants.ts` does it with the log.
import type { Mutant } from './mutants.js';
import { canRecord } from './recorded-calls.js';

const coming = 'lib/table/coming-files.ts';
const togetherSpec = 'spec/faults/crash/tables-that-belong-together.spec.ts';
const segments = 'lib/stage/segment-writer.ts';
const finishedSpec = 'spec/stage/finished-segments.spec.ts';
const partsSpec = 'spec/table/page-parts.spec.ts';

const databaseName: Mutant = {
  name: 'fsync: folder of a new database',
  file: 'lib/table/database/database-file.ts',
  find: 'await syncFolder(dirname(attach));',
  replace: '',
  spec: 'spec/faults/crash/system-calls.spec.ts',
  cases: 'tables of a database that is new',
};

export const tableMutants: readonly Mutant[] = [
  {
    name: 'directory: what the child tables of a published run replaced stays',
    file: 'lib/table/directory/placing.ts',
    find: 'const left = [...added, ...removed].filter(',
    replace: 'const left = [...added].filter(',
    cases: 'child tables in directories, merge',
  },
  {
    name: 'note: the tables that come together are not noted',
    file: coming,
    find: 'await writeDurably(notes[at]!, encode({ tables: noted }));',
    replace: '',
    spec: togetherSpec,
    cases: 'child tables, after 10',
  },
  {
    name: 'note: what a run that died has noted is not placed',
    file: coming,
    find: 'for (const table of own) await placeNoted(folder, table.files);',
    replace: '',
    spec: togetherSpec,
    cases: 'child tables, after 10',
  },
  {
    name: 'note: a cursor does not know what is placed of its table before it goes on',
    file: 'lib/rest-api/run-source.ts',
    find: 'await placeAllComing(out);',
    replace: '',
    spec: togetherSpec,
    cases: 'child tables, after 10',
  },
  {
    name: 'parts of a page: each is in by itself',
    file: 'lib/table/page-queue.ts',
    find: 'const parts = this.#waiting.splice(0, next < 0 ? this.#waiting.length : next);',
    replace: 'const parts = this.#waiting.splice(0, 1);',
    spec: partsSpec,
    cases: '',
  },
  {
    name: 'parts of a page: those of a page that failed between two are in',
    file: 'lib/core/delivery.ts',
    find: 'return underWay.some((each) => each.page === page && each.walk === walk);',
    replace: 'return underWay.some((each) => each.page === page && each.walk === walk && page < 0);',
    spec: partsSpec,
    cases: '',
  },
  {
    name: 'counts: rows that are missing in the log are published',
    file: 'lib/table/row-count.ts',
    find: 'if (read === rows) return;',
    replace: 'if (read === rows || rows > 0) return;',
    spec: 'spec/table/row-count.spec.ts',
    cases: 'is an error of parquet, and readers',
  },
  {
    name: 'counts: a file with other rows than were decided on is published',
    file: 'lib/table/row-count.ts',
    find: 'if (written === rows) return;',
    replace: 'if (written === rows || rows >= 0) return;',
    spec: 'spec/table/splice/write-rows.spec.ts',
    cases: '',
  },
  {
    name: 'seal: a segment is read before it is written to its end',
    file: segments,
    find: 'if (before !== undefined && before.written === before.bytes) this',
    replace: 'if (before !== undefined) this',
    spec: finishedSpec,
    cases: '',
  },
  {
    name: 'seal: a segment is read of which a batch waits to be written',
    file: segments,
    find: 'if (segment !== this.#current && segment.written === segment.bytes) this',
    replace: 'if (segment !== this.#current) this',
    spec: finishedSpec,
    cases: '',
  },
  {
    name: 'seal: the last segment of a commit counts as finished',
    file: 'lib/stage/table-log.ts',
    find: 'this.segments.filter((file) => file !== this.#markedSegment)',
    replace: 'this.segments',
    spec: finishedSpec,
    cases: '',
  },
  // Seen only where the calls of the engine are recorded.
  ...(canRecord ? [databaseName] : []),
];
