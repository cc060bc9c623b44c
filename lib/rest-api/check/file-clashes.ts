// What is wrong with resources that would write into each other's files: those of tables, of dead letters, and of what was left out.
import { posix, resolve } from 'node:path';
import { deadLetterFile } from '../dead-letters.js';
import type { FullResource } from '../plan/defaults.js';
import { knownTables, splitOf, tableKey } from '../plan/table-names.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';
import type { Related } from './relations.js';

/** A file that a resource writes. */
interface Written {
  /** The same for the same file, whatever the folder of the tables is. */
  readonly file: string;
  /** As a person knows it. */
  readonly name: string;
  /** What is in it. */
  readonly what: string;
  readonly path: Path;
}

/** Files that two resources write, or one of them twice. Two tables of one name are told by their names. */
export function fileClashFindings(related: readonly Related[]): Finding[] {
  const taken = new Map<string, Written & { readonly owner: string }>();
  return related.flatMap(({ resource, path }) =>
    filesOf(resource, path).flatMap((written): Finding[] => {
      const other = taken.get(written.file);
      if (other === undefined) {
        taken.set(written.file, { ...written, owner: resource.name });
        return [];
      }
      if (other.what === theTable && written.what === theTable) return [];
      const message = `${written.name} is the file for ${written.what} of "${resource.name}", and that for ${other.what} of "${other.owner}": give one of them another name or path`;
      return [{ code: 'conflict', path: written.path, found: JSON.stringify(written.name), message }];
    }),
  );
}

const theTable = 'the table';

function filesOf(resource: FullResource, path: Path): Written[] {
  const { selected = true } = resource;
  return [
    ...(selected ? tablesOf(resource).map((table) => tableFile(resource, table, path)) : []).flat(),
    ...leftOutFile(resource, path),
  ];
}

/** Those that are known before rows come. */
function tablesOf(resource: FullResource): readonly string[] {
  const { name, table_name: given = name } = resource;
  return knownTables({ table: String(given), split: splitOf(resource) });
}

function tableFile({ sink, dead_letters: letters }: FullResource, table: string, path: Path): Written[] {
  const { format = 'parquet' } = sink ?? {};
  const files: Written[] = [];
  // A table of a database is no file of its own.
  if (format !== 'duckdb') files.push(inFolder(`${table}.${format}`, theTable, path));
  const what = 'the dead letters';
  const place = [...path, 'dead_letters'];
  // As the sink calls it: beside the file of the table.
  const beside = posix.join(posix.dirname(table), `${table.replaceAll(/[/\\]/g, '_')}.dead.jsonl`);
  if (letters === true) files.push(inFolder(beside, what, place));
  if (typeof letters === 'string') files.push({ file: resolve(letters), name: letters, what, path: place });
  return files;
}

function leftOutFile(resource: FullResource, path: Path): Written[] {
  const { on_error: onError, name, selected = true, table_name: given = name } = resource;
  if (onError == null || onError === 'fail') return [];
  const split = splitOf(resource);
  const file = deadLetterFile({ table: String(given), split, selected });
  return [inFolder(file, 'what is left out', [...path, 'on_error'])];
}

function inFolder(name: string, what: string, path: Path): Written {
  return { file: `<out>/${tableKey(name)}`, name, what, path };
}
