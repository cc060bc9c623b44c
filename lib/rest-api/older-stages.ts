// Stages of versions in which each table that rows name had a part of its own in the run, and so another stage than now.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { stageFolder } from '../table/index.js';
import type { ResourcePlan } from './plan/plan.js';
import { knownTables } from './plan/table-names.js';
import type { RunNote } from './run-notes.js';
import { tableFileOf } from './table-file.js';
import type { TableFormat } from './table-format.js';

/** What to know where such a run of these resources was cut short: its rows are in another form, and are not gone on with. */
export async function notesOnOlderStage(
  plans: readonly ResourcePlan[],
  options: { readonly out: string; readonly format?: TableFormat | undefined },
): Promise<RunNote[]> {
  const divided = plans.filter(({ split }) => split?.tables !== undefined);
  if (divided.length === 0) return [];
  // They came after all others.
  const ordered = [...plans.filter((plan) => !divided.includes(plan)), ...divided];
  const tables = ordered.flatMap((plan) => knownTables(plan).map((table) => tableFileOf({ ...plan, table }, options)));
  const stage = stageFolder(tables.map(({ path }) => path));
  const isThere = await access(join(stage, 'journal.jsonl')).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const message =
    `an older version of Sluice was cut short, and what it had staged is in ${stage}. It is not gone on with: all is read anew. If that version had begun to ` +
    'publish, rows of its run may come twice in a table that is appended to: stop, and finish its run with it. Otherwise remove that folder';
  return divided.map(({ name }) => ({ resource: name, message }));
}
