// Writes a Parquet file. parquetjs-lite encodes the pages; levels and footer are made here, where its own would lose values
// or their types (see docs/formats.md).
import { type FileHandle, open } from 'node:fs/promises';
import parquetjs, { type Leaf, type RowBuffer } from 'parquetjs-lite';
import types, { type Output, type RowGroup, type Writes } from 'parquetjs-lite/gen-nodejs/parquet_types.js';
import util from 'parquetjs-lite/lib/util.js';
import type { Column, ColumnType } from '../schema/index.js';
import { ColumnGatherer, type LeafColumn, physical } from './parquetjs-column.js';

const { ParquetEnvelopeWriter, ParquetWriter } = parquetjs;
const { ConvertedType, FieldRepetitionType, FileMetaData, KeyValue, SchemaElement, Type } = types;

type FileMetaData = InstanceType<typeof FileMetaData>;
type SchemaElement = InstanceType<typeof SchemaElement>;

export type ParquetjsCompression = 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP';

export interface ParquetjsFileOptions {
  readonly columns: readonly Column[];
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly compression: ParquetjsCompression;
  /** Most rows in a row group. */
  readonly rowGroupRows: number;
}

/** A row group ends when its texts and numbers reach this size, so that no page comes near the 2 GiB that it may have. */
const rowGroupBytes = 64 * 1024 * 1024;

/** One file that is being written. Memory holds one row group. */
export class ParquetjsFile {
  readonly #file: FileHandle;
  readonly #options: ParquetjsFileOptions;
  readonly #envelope: ChunkWriter;
  readonly #groups: RowGroup[] = [];
  #gathered: ColumnGatherer;
  #rows = 0;

  private constructor(file: FileHandle, options: ParquetjsFileOptions) {
    this.#file = file;
    this.#options = options;
    this.#gathered = new ColumnGatherer(options.columns);
    this.#envelope = new ChunkWriter(file);
  }

  static async create(path: string, options: ParquetjsFileOptions): Promise<ParquetjsFile> {
    const file = await open(path, 'w');
    await file.write('PAR1');
    return new ParquetjsFile(file, options);
  }

  /** Adds rows: the values of all columns, in order, as `parquetjs-value` has them. */
  async addAll(rows: readonly (readonly unknown[])[]): Promise<void> {
    for (const row of rows) {
      this.#gathered.add(row);
      if (this.#gathered.rows >= this.#options.rowGroupRows || this.#gathered.bytes >= rowGroupBytes)
        await this.#flush();
    }
  }

  get rows(): number {
    return this.#rows + this.#gathered.rows;
  }

  /** Writes what is left and the footer, and closes the file. */
  async finish(): Promise<void> {
    if (this.#gathered.rows > 0) await this.#flush();
    const footer = util.serializeThrift(this.#footer());
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await this.#file.write(Buffer.concat([footer, length, Buffer.from('PAR1')]));
    await this.#file.close();
  }

  /** Closes the file as it is. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const { leaves, rows } = this.#gathered;
    this.#gathered = new ColumnGatherer(this.#options.columns);
    this.#rows += rows;
    let group: RowGroup | undefined;
    // One column at a time: the encoder would copy all columns before it for each.
    for (const leaf of leaves) {
      const chunk = await this.#envelope.writeColumn(leaf, rows, this.#options.compression);
      chunk.columns[0]!.meta_data.path_in_schema = leaf.path;
      if (group === undefined) group = chunk;
      else {
        group.columns.push(...chunk.columns);
        group.total_byte_size += chunk.total_byte_size;
      }
    }
    if (group) this.#groups.push(group);
  }

  #footer(): FileMetaData {
    const { columns, metadata } = this.#options;
    const footer = new FileMetaData();
    footer.version = 1;
    footer.created_by = 'sluice (parquetjs-lite)';
    footer.num_rows = this.#rows;
    footer.row_groups = this.#groups;
    footer.schema = [
      element('root', null, { num_children: columns.length }),
      ...columns.flatMap(({ name, type, nullable }) => elements(name, type, nullable ? 'OPTIONAL' : 'REQUIRED')),
    ];
    footer.key_value_metadata = Object.entries(metadata).map(([key, value]) =>
      Object.assign(new KeyValue(), { key, value }),
    );
    return footer;
  }
}

/** Writes column chunks one by one, without header, index and footer. */
class ChunkWriter extends ParquetEnvelopeWriter {
  constructor(file: FileHandle) {
    const write = async (bytes: Buffer) => {
      await file.writeFile(bytes);
    };
    super({ fieldList: [] }, write, async () => {}, 'PAR1'.length, { useDataPageV2: false, pageIndex: false });
  }

  /** A row group with this column only. */
  async writeColumn(leaf: LeafColumn, rows: number, compression: ParquetjsCompression): Promise<RowGroup> {
    const field: Leaf = {
      name: leaf.path.at(-1)!,
      path: ['0'],
      primitiveType: leaf.primitive,
      ...(leaf.length !== undefined && { typeLength: leaf.length }),
      encoding: 'PLAIN',
      compression,
      statistics: false,
      rLevelMax: leaf.mostRepeated,
      dLevelMax: leaf.mostDefined,
    };
    this.schema = { fieldList: [field] };
    const writer = new ParquetWriter(this.schema, this, {});
    const { values, repeated: rlevels, defined: dlevels } = leaf;
    const data = { values, rlevels, dlevels, distinct_values: new Set(), count: dlevels.length };
    writer.rowBuffer = { rowCount: rows, pageRowCount: rows, columnData: { 0: data }, pages: { 0: [] } } as RowBuffer;
    await writer.close();
    return this.rowGroups.pop()!;
  }

  override async writeHeader(): Promise<void> {}
  override writeIndex(): void {}
  override async writeFooter(): Promise<void> {}
}

type Repetition = 'REQUIRED' | 'OPTIONAL' | 'REPEATED';

function elements(name: string, type: ColumnType, repetition: Repetition): SchemaElement[] {
  if (type.kind === 'list') {
    return [
      element(name, repetition, { num_children: 1, converted_type: ConvertedType['LIST']! }),
      element('list', 'REPEATED', { num_children: 1 }),
      ...elements('element', type.item, 'OPTIONAL'),
    ];
  }
  if (type.kind === 'struct') {
    const fields = type.fields.flatMap((field) => elements(field.name, field.type, 'OPTIONAL'));
    return [element(name, repetition, { num_children: type.fields.length }), ...fields];
  }
  const { primitive, length, converted, precision, scale } = physical(type);
  return [
    element(name, repetition, {
      type: Type[primitive]!,
      ...(length !== undefined && { type_length: length }),
      ...(converted !== undefined && { converted_type: ConvertedType[converted]! }),
      ...(precision !== undefined && { precision, scale: scale! }),
      ...(type.kind === 'timestamp' && { logicalType: instant }),
    }),
  ];
}

function element(name: string, repetition: Repetition | null, rest: Partial<SchemaElement>): SchemaElement {
  const repetition_type = repetition === null ? null : FieldRepetitionType[repetition];
  return Object.assign(new SchemaElement(), { name, repetition_type, ...rest });
}

const struct = 12;
const boolean = 2;

/** `TIMESTAMP(isAdjustedToUTC=true, unit=MICROS)`: parquetjs-lite knows no logical types, and without one readers disagree about the zone. */
const instant: Writes = {
  write(output) {
    within(output, 'LogicalType', () => {
      field(output, 'TIMESTAMP', struct, 8, () =>
        within(output, 'TimestampType', () => {
          field(output, 'isAdjustedToUTC', boolean, 1, () => output.writeBool(true));
          field(output, 'unit', struct, 2, () =>
            within(output, 'TimeUnit', () => {
              field(output, 'MICROS', struct, 2, () => within(output, 'MicroSeconds', () => {}));
            }),
          );
        }),
      );
    });
  },
};

function within(output: Output, name: string, members: () => void): void {
  output.writeStructBegin(name);
  members();
  output.writeFieldStop();
  output.writeStructEnd();
}

function field(output: Output, name: string, type: number, id: number, value: () => void): void {
  output.writeFieldBegin(name, type, id);
  value();
  output.writeFieldEnd();
}
