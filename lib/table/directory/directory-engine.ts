// Publishes a table that is a directory: finds the files that a load changes, decides on their rows alone, and writes these and the new
// ones into new files. All other files stay as they are.
import type { SchemaChange } from '../../core/index.js';
import { sqlType, type TableSchema } from '../../schema/index.js';
import { auditTable } from '../audit.js';
import { decide } from '../decide.js';
import { type ComingRows, type Decision, leavingRows, type PreviousRows } from '../decision.js';
import { Database } from '../duckdb.js';
import { nothingPublished, type Publication, type Published } from '../engine.js';
import { placedRows } from '../loaded-rows.js';
import { type DuckDbOptions, type MemoryLimit, MemoryLimits } from '../memory-limits.js';
import { willMerge } from '../merge-rules.js';
import * as sql from '../merge-sql.js';
import { PublishContext } from '../publish-context.js';
import { checkWritten } from '../row-count.js';
import { sliced } from '../slices.js';
import { tellChildren } from '../tell-children.js';
import { orWithUniqueKeys } from '../unique-keys.js';
import { directoryGroups } from './directory-groups.js';
import type { ManifestFile } from './manifest.js';
import { fileColumns, type Partition, type PartitionValues } from './partition.js';
import { filesLeft, filesWithKeys, type PlacedFile, placed, rowsOfFiles } from './published-files.js';
import { filesToGather, type RotationLimits } from './rotation.js';
import { type DraftFile, RowWriter } from './row-writer.js';
import { timeSlots } from './time-slots.js';

export interface DirectoryOptions extends DuckDbOptions {
  readonly partitions: readonly Partition[];
  readonly limits: RotationLimits;
}

/** A directory as it is published now. */
export interface PublishedDirectory {
  readonly schema: TableSchema;
  readonly partitions: readonly Partition[];
  readonly files: readonly ManifestFile[];
  /** The folder from which the paths of the files are. */
  readonly folder: string;
}

/** One publish of a directory. */
export interface DirectoryPublication {
  readonly publication: Omit<Publication, 'destination' | 'previous'>;
  readonly changes: readonly SchemaChange[];
  /** What a file with these columns is to say of them. */
  metadata(schema: TableSchema): Readonly<Record<string, string>>;
  readonly previous?: PublishedDirectory;
  /** Where the new files are to be written: an empty folder. */
  readonly drafts: string;
}

export interface DirectoryResult {
  readonly counts: Published;
  /** Published files that stay. */
  readonly kept: readonly ManifestFile[];
  readonly added: readonly DraftFile[];
}

export class DirectoryEngine {
  readonly partitions: readonly Partition[];
  /** Seconds of the span in which the rows of a file come. @default rows of any time are in one file */
  readonly seconds: number | undefined;
  readonly #rotation: RotationLimits;
  readonly #limits: MemoryLimits;

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor({ partitions, limits: { fileMaxSeconds, ...limits }, ...memory }: DirectoryOptions) {
    this.partitions = partitions;
    this.seconds = fileMaxSeconds;
    this.#rotation = limits;
    this.#limits = new MemoryLimits(memory);
  }

  publish(directory: DirectoryPublication): Promise<DirectoryResult> {
    return orWithUniqueKeys(directory.publication, (publication) =>
      this.#limits.use((limit) => this.#publish({ ...directory, publication }, limit), {
        careful: true,
        longestLine: publication.longestLine,
      }),
    );
  }

  async #publish(given: DirectoryPublication, limit: MemoryLimit): Promise<DirectoryResult> {
    const { table, scratch, signal } = given.publication;
    const groups = await directoryGroups(given.publication, given.previous, limit.careful);
    const log = groups.isWide ? await sliced(given.publication) : given.publication;
    const directory = { ...given, publication: log };
    const database = await Database.open({ ...limit, table, scratch, signal, isWide: groups.isWide });
    try {
      const publication = { ...log, destination: directory.drafts };
      const context = new PublishContext(database, publication, undefined, groups);
      const schema = { columns: fileColumns(publication.schema, this.partitions, table) };
      const ofFile = { ...publication, schema, metadata: directory.metadata(schema) };
      const fileContext = new PublishContext(database, ofFile, undefined, groups);
      const { partitions } = this;
      const limits = this.#rotation;
      const writer = new RowWriter({ context, fileContext, partitions, limits, drafts: directory.drafts });
      return await new DirectoryPublish(context, directory, writer, this, limits).run();
    } finally {
      database.close();
    }
  }
}

/** One publish under way. */
class DirectoryPublish {
  readonly #context: PublishContext;
  readonly #directory: DirectoryPublication;
  readonly #writer: RowWriter;
  readonly #partitions: readonly Partition[];
  readonly #limits: RotationLimits;
  readonly #hasSlots: boolean;
  /** The published files; none when all of them are replaced. */
  readonly #files: readonly PlacedFile[];
  /** Files whose rows are in new ones. */
  readonly #rewritten = new Set<PlacedFile>();

  constructor(
    context: PublishContext,
    directory: DirectoryPublication,
    writer: RowWriter,
    { partitions, seconds }: DirectoryEngine,
    limits: RotationLimits,
  ) {
    const { previous, publication } = directory;
    this.#context = context;
    this.#directory = directory;
    this.#writer = writer;
    this.#partitions = partitions;
    this.#limits = limits;
    this.#hasSlots = seconds !== undefined;
    this.#files =
      previous === undefined || publication.disposition === 'replace' ? [] : placed(previous.files, previous.folder);
  }

  async run(): Promise<DirectoryResult> {
    const touched = await this.#touched();
    const decision = await decide(this.#context, this.#previousRows(touched));
    await tellChildren(this.#context, decision);
    await this.#audit(decision);
    await this.#writeChanged(decision, touched);
    if (this.#isWidened()) await this.#convertOthers();
    const kept = this.#files.filter((file) => !this.#rewritten.has(file)).map(({ file }) => file);
    const added = this.#writer.written;
    const rows = [...kept, ...added].reduce((sum, file) => sum + file.rows, 0);
    checkWritten(this.#context.publication, this.#total(decision), rows);
    // A table without folders always has a file, so that readers find its columns.
    if (rows === 0 && kept.length + added.length === 0 && this.#partitions.length === 0) {
      await this.#writer.writeFile([{ relation: sql.noRows(this.#context.columns), rows: 0 }], []);
    }
    const isSame = kept.length === this.#directory.previous?.files.length && added.length === 0;
    const written = isSame && !this.#context.publication.schemaChanged ? ({ written: false } as const) : {};
    return { counts: { ...nothingPublished, ...decision.counts, total: rows, ...written }, kept, added };
  }

  /** Shows all files without the rows that leave, and with those that come. */
  async #audit(decision: Decision): Promise<void> {
    const { leaving, coming, counts } = decision;
    const { database, publication, columns } = this.#context;
    if (publication.audit === undefined) return;
    const parts = coming.map(({ relation }) => relation);
    if (this.#files.length > 0) {
      const all = this.#rowsOf(this.#files);
      parts.unshift(leaving === 0 ? all : sql.whereBit(all, leavingRows, 0));
    }
    const total = this.#total(decision);
    const query = sql.concatenated(parts.map((part) => sql.withoutPlace(part, columns)));
    await auditTable(database, publication, query, { ...nothingPublished, ...counts, total });
  }

  /** The rows of the table after a decision. */
  #total({ leaving, coming }: Decision): number {
    const before = this.#files.reduce((sum, { file }) => sum + file.rows, 0);
    return before - leaving + coming.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The files whose rows the decision is about. */
  async #touched(): Promise<readonly PlacedFile[]> {
    const { publication, rules } = this.#context;
    const { disposition, rows } = publication;
    if (this.#isMoved()) return this.#files;
    if (disposition === 'append' || this.#files.length === 0) return [];
    // Rows leave that did not come, wherever they are.
    if (publication.kinship?.role === 'child') return this.#files;
    if (rules.missing !== 'keep' || rules.versions !== undefined) return this.#files;
    const keys = [rules.primaryKey, rules.mergeKey].filter((key) => key.length > 0);
    if (rows === 0 || keys.length === 0) return [];
    const published = this.#directory.previous!;
    const purpose = this.#isOneFile() ? 'final' : 'quick';
    const numbers = await filesWithKeys(this.#context, this.#files, published, keys, purpose);
    return this.#files.filter(({ number }) => numbers.has(number));
  }

  #previousRows(touched: readonly PlacedFile[]): PreviousRows | undefined {
    if (touched.length === 0) return undefined;
    return {
      file: touched[0]!.path,
      relation: this.#rowsOf(touched),
      // Places are counted over all files.
      rows: this.#files.reduce((sum, { file }) => sum + file.rows, 0),
    };
  }

  #rowsOf(files: readonly PlacedFile[]): string {
    return rowsOfFiles(this.#context, files, this.#directory.previous!);
  }

  async #writeChanged({ leaving, coming }: Decision, touched: readonly PlacedFile[]): Promise<void> {
    const left =
      leaving === 0 ? new Set() : await filesLeft(this.#context.database, this.#rowsOf(touched), leavingRows);
    const changed = touched.filter((file) => this.#isMoved() || left.has(file.number));
    for (const file of changed) this.#rewritten.add(file);
    const parts: ComingRows[] = [...coming];
    if (changed.length > 0) {
      const all = this.#rowsOf(changed);
      const relation = leaving === 0 ? all : sql.whereBit(all, leavingRows, 0);
      parts.unshift({ relation, rows: changed.reduce((sum, { file }) => sum + file.rows, 0) - leaving });
    }
    if (this.#hasSlots) await this.#writeSlots(parts);
    else await this.#writer.write(parts, (partition) => this.#gathered(partition));
  }

  /** The rows of the log, which are the last, go into files by the time at which they came; the others are by themselves. */
  async #writeSlots(parts: readonly ComingRows[]): Promise<void> {
    const last = parts.at(-1);
    if (last === undefined) return;
    const { publication, rules } = this.#context;
    await this.#writer.write(parts.slice(0, -1), () => undefined);
    // Rows that are only appended have no places yet.
    const hasPlaces = willMerge(publication, rules);
    const log = hasPlaces ? last.relation : (await placedRows(this.#context, 'quick')).all;
    for (const slot of await timeSlots(this.#context)) {
      const relation = sql.wherePlace(log, [slot]);
      const rows = await this.#context.count(relation, 'true');
      await this.#writer.write([{ relation, rows }], () => undefined);
    }
  }

  /** Whether all rows that come go into one file, so that the file in which they were typed may be it. */
  #isOneFile(): boolean {
    return this.#partitions.length === 0 && Object.keys(this.#limits).length === 0;
  }

  /** The rows of small files in a folder that gets a new one. An append only adds files. */
  #gathered(partition: PartitionValues): ComingRows | undefined {
    if (this.#context.publication.disposition === 'append') return undefined;
    const inFolder = this.#files.filter(
      (placed) => !this.#rewritten.has(placed) && isSame(placed.file.partition ?? [], partition),
    );
    const small = new Set(
      filesToGather(
        inFolder.map(({ file }) => file),
        this.#limits,
      ),
    );
    const files = inFolder.filter(({ file }) => small.has(file));
    if (files.length === 0) return undefined;
    for (const file of files) this.#rewritten.add(file);
    return { relation: this.#rowsOf(files), rows: files.reduce((sum, { file }) => sum + file.rows, 0) };
  }

  /** Gives the files that stay the new columns, each in its folder: all files of a table have the same. */
  async #convertOthers(): Promise<void> {
    for (const placed of this.#files.filter((file) => !this.#rewritten.has(file))) {
      this.#rewritten.add(placed);
      const { rows, partition = [] } = placed.file;
      await this.#writer.writeFile([{ relation: this.#rowsOf([placed]), rows }], partition);
    }
  }

  #isWidened(): boolean {
    return this.#directory.changes.some(({ change }) => change !== 'nullable');
  }

  /** Whether the folders are others than before, or their names may be. */
  #isMoved(): boolean {
    const { previous, publication } = this.#directory;
    if (previous === undefined) return false;
    const names = (partitions: readonly Partition[]): string[] => partitions.map(({ name }) => name);
    if (!isSame(names(previous.partitions), names(this.#partitions))) return true;
    const typeOf = ({ columns }: TableSchema, name: string): string => {
      const column = columns.find((each) => each.name === name);
      return column === undefined ? '' : `${column.type.kind} ${sqlType(column.type)}`;
    };
    return this.#partitions.some(
      ({ column }) => typeOf(previous.schema, column) !== typeOf(publication.schema, column),
    );
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}
