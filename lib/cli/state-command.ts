// `sluice state show|reset|set`: what a later run must know of each resource.
import { restApiFile } from '../rest-api/index.js';
import type { SourceFlags, TableFlags } from './flags.js';
import { guarded, sourceOptions } from './guarded.js';
import { counted } from './numbers.js';
import { styleFor } from './style.js';
import { textTable } from './text-table.js';

export interface StateFlags extends SourceFlags, TableFlags {
  readonly json?: boolean;
}

/** Prints how far each resource with a cursor has been read. Gives the exit code. */
export function showState(config: string, flags: StateFlags): Promise<number> {
  return guarded(flags, async () => {
    const cursors = await (await open(config, flags)).show();
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(cursors)}\n`);
      return;
    }
    if (cursors.length === 0) {
      process.stdout.write(`No resource of ${config} has "incremental": each run reads all of them.\n`);
      return;
    }
    const rows = cursors.map(({ resource, cursorPath, last, rowsAtLast, parents, file }) => {
      const others = last === undefined ? 'from the beginning' : String(last);
      // Each row of the parent has a value of its own; what there is beside them is where new ones start.
      const upTo = parents === 0 ? others : `one value each of ${counted(parents, 'parent')}; new ones: ${others}`;
      const isKnown = last !== undefined || parents > 0;
      return [resource, cursorPath, upTo, rowsAtLast === 0 ? '' : String(rowsAtLast), isKnown ? file : ''];
    });
    const head = ['resource', 'cursor', 'read up to', 'rows at it', 'file'];
    const [first, ...rest] = textTable([head, ...rows], { right: [3], maximumCell: 100 });
    process.stdout.write(`${[styleFor(process.stdout).bold(first!), ...rest].join('\n')}\n`);
  });
}

/** Forgets how far a resource has been read. Gives the exit code. */
export function resetState(config: string, resource: string, flags: StateFlags): Promise<number> {
  return guarded(flags, async () => {
    const state = await open(config, flags);
    await state.reset(resource);
    const names = state.sharing(resource).join(', ');
    process.stdout.write(
      `${names}: forgotten. The next run reads from the beginning; rows that are in a table stay.\n`,
    );
  });
}

/** Makes the next run go on from a value. Gives the exit code. */
export function setState(
  config: string,
  { resource, value }: { readonly resource: string; readonly value: string },
  flags: StateFlags,
): Promise<number> {
  return guarded(flags, async () => {
    const state = await open(config, flags);
    const last = await state.set(resource, value);
    const names = state.sharing(resource).join(', ');
    process.stdout.write(`${names}: the next run reads from ${JSON.stringify(last)} on\n`);
  });
}

async function open(config: string, flags: StateFlags) {
  const { out, format } = flags;
  return (await restApiFile(config, sourceOptions(flags))).state({ out, ...(format !== undefined && { format }) });
}
