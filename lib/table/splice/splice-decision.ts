// Carries a decision out at the cost of what changes: row groups that lose no row are copied byte for byte, the others and the coming rows are
// written by the engine into files of their own, and one new file is put together of both.
import { files, syncFile } from '../../stage/index.js';
import { type ComingRows, type Decision, leavingPlaces, leavingRows, type PreviousRows } from '../decision.js';
import * as sql from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { assemble, type Part } from './assemble.js';
import { countBits } from './bits.js';
import { checkFile } from './check-file.js';
import { chooseGroups, type Run } from './choose-groups.js';
import { commonFields } from './compatible.js';
import type { Footer } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';
import { writeParts } from './write-rows.js';

/**
 * Writes the publication's file, or tells that it is to be written anew: because most of it would be rebuilt, because its columns are now stored
 * in another way, or because the published file has something that cannot be carried over.
 * @returns whether the file has been written
 */
export async function spliceDecision(context: PublishContext, decision: Decision): Promise<boolean> {
  const isWritten = await splice(context, decision).catch((error: unknown) => {
    if (error instanceof NotSpliceable) return false;
    throw error;
  });
  if (!isWritten) {
    await context.published?.giveUp();
    await files.rm(context.publication.destination, { force: true });
  }
  return isWritten;
}

async function splice(context: PublishContext, decision: Decision): Promise<boolean> {
  const { database, publication, rowGroupRows, published } = context;
  const { previous, coming } = decision;
  if (previous === undefined || previous.rows === 0 || published?.footer.rows !== previous.rows) return false;
  const { footer } = published;
  const rows = footer.groups.map((group) => group.rows);
  const comingRows = coming.reduce((sum, part) => sum + part.rows, 0);
  const leaving = await leavingByGroup(context, decision, rows);
  const runs = chooseGroups({ rows, leaving, coming: comingRows, full: rowGroupRows });
  if (runs === undefined) return false;
  const fields = await commonFields(footer, await emptyFile(context));
  const { destination, signal } = publication;
  const [first] = runs;
  const stays = first?.rebuilt === false ? first.to : 0;
  const beginning = published.begin(stays);
  if (stays > 0) beginning.flush();
  try {
    const parts: Part[] = [];
    for (const step of stepsOf(runs, previous, decision, rows)) {
      if ('written' in step) parts.push(...(await writeParts(context, step.written, `part-${parts.length}`)));
      else parts.push({ footer, ...step });
    }
    await assemble({ parts, fields, destination, beginning, signal });
    // Both take their time, one on the disk and one on the processor.
    const synced = syncFile(destination);
    const stayingRows = runs.reduce((sum, { staying }) => sum + staying, 0);
    const groups = parts.reduce((sum, { from, to }) => sum + to - from, 0);
    await checkFile(destination, { rows: stayingRows + comingRows, groups }, database).finally(() =>
      synced.catch(() => undefined),
    );
    await synced;
    await beginning.finished();
    return true;
  } finally {
    await beginning.giveUp();
  }
}

/** How many rows of each row group leave. */
async function leavingByGroup(
  { database }: PublishContext,
  { leaving }: Decision,
  rows: readonly number[],
): Promise<readonly number[]> {
  if (leaving === 0) return rows.map(() => 0);
  const bits = await database.bits(leavingPlaces);
  let start = 0;
  return rows.map((count) => {
    start += count;
    return countBits(bits, start - count, start);
  });
}

/** What the new file is made of, in order: row groups that are copied, and rows that are written. */
type Step = { readonly from: number; readonly to: number } | { readonly written: readonly ComingRows[] };

function stepsOf(
  runs: readonly Run[],
  { relation }: PreviousRows,
  { coming }: Decision,
  rows: readonly number[],
): readonly Step[] {
  const starts = [0];
  for (const count of rows) starts.push(starts.at(-1)! + count);
  const steps: Step[] = [];
  // Rows to be written with those that come: at the end of the table both fill the same row groups.
  const last: ComingRows[] = [];
  for (const { from, to, rebuilt, leaving, staying } of runs) {
    if (!rebuilt) {
      steps.push({ from, to });
    } else if (staying > 0) {
      const all = sql.wherePlace(relation, [[starts[from]!, starts[to]!]]);
      const stay = { relation: leaving > 0 ? sql.whereBit(all, leavingRows, 0) : all, rows: staying };
      if (to === rows.length) last.push(stay);
      else steps.push({ written: [stay] });
    }
  }
  last.push(...coming.filter((part) => part.rows > 0));
  if (last.length > 0) steps.push({ written: last });
  return steps;
}

/** A file like those to come, without rows: what its footer says of the columns tells whether the published row groups fit. */
async function emptyFile(context: PublishContext): Promise<Footer> {
  const [part] = await writeParts(context, [{ relation: sql.noRows(context.columns), rows: 0 }], 'empty');
  return part!.footer;
}
