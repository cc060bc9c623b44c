// Whether row groups of two files may stand in one: the same columns, stored in the same way; and the fields that their footer gets.
import { asyncBufferFromFile, parquetMetadataAsync, type SchemaElement } from 'hyparquet';
import { type Footer, fileFields, type RawField } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';
import { Cursor } from './thrift.js';

/**
 * The fields of a footer for the row groups of the published file and of one that has just been written. The new file has the say about the
 * table (the metadata); the published one keeps what it says of its columns.
 * @throws NotSpliceable when their row groups do not belong together
 */
export async function commonFields(published: Footer, written: Footer): Promise<readonly RawField[]> {
  if (published.groups.length === 0) return written.fields;
  const last = fileFields.columnOrders;
  const unknown = [...published.fields, ...written.fields].find(({ id }) => id > last);
  if (unknown) throw new NotSpliceable(`its footer has a field that is not known (${unknown.id})`);
  const from = (footer: Footer, id: number) => footer.fields.find((field) => field.id === id);
  if (!isSame(from(published, fileFields.schema), from(written, fileFields.schema))) {
    await checkSchemas(published.file, written.file);
  }
  const writer = from(published, fileFields.createdBy);
  if (!isSame(writer, from(written, fileFields.createdBy))) {
    const name = writer === undefined ? '' : new Cursor(writer.bytes).text();
    if (!trusted.test(name)) throw new NotSpliceable(`it was written by ${name || 'an unknown program'}`);
  }
  const fields = [
    from(published, fileFields.version),
    from(published, fileFields.schema),
    from(written, fileFields.keyValues),
    from(written, fileFields.createdBy),
    from(published, fileFields.columnOrders) ?? from(written, fileFields.columnOrders),
  ];
  return fields.filter((field) => field !== undefined);
}

/**
 * Readers look at the writer's name to know whose statistics are wrong; in a file of two writers only one is named, so both must be
 * known for right ones.
 */
const trusted = /^(DuckDB|parquet-cpp-arrow|Polars|parquet-rs|parquet-mr version 1\.1[1-9]\.)/;

function isSame(one: RawField | undefined, other: RawField | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one.bytes, other.bytes) === 0;
}

async function checkSchemas(published: string, written: string): Promise<void> {
  const [before, after] = await Promise.all([published, written].map(schemaOf));
  // The first element is the whole row: its name says nothing.
  const one = before!.slice(1).map(meaning);
  const other = after!.slice(1).map(meaning);
  const at = other.findIndex((text, index) => text !== one[index]);
  if (one.length !== other.length || at >= 0) {
    throw new NotSpliceable(`its columns are stored in another way (${one[at] ?? 'their number'})`);
  }
}

async function schemaOf(file: string): Promise<readonly SchemaElement[]> {
  return (await parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false })).schema;
}

/** How an element is stored, and what it stands for: programs write the latter in one of two ways, or in both. */
function meaning(element: SchemaElement): string {
  const { name, type = 'group', type_length, repetition_type, num_children = 0, precision, scale } = element;
  const stored = [name, type, type_length ?? 0, repetition_type, num_children, precision ?? 0, scale ?? 0];
  return JSON.stringify([...stored, annotation(element)]);
}

const converted: Readonly<Record<string, string>> = {
  UTF8: 'STRING',
  // What a number without any annotation is.
  INT_64: '',
  INT_32: '',
  TIME_MILLIS: 'TIME MILLIS true',
  TIME_MICROS: 'TIME MICROS true',
  TIMESTAMP_MILLIS: 'TIMESTAMP MILLIS true',
  TIMESTAMP_MICROS: 'TIMESTAMP MICROS true',
};

function annotation({ logical_type: logical, converted_type: old }: SchemaElement): string {
  if (logical === undefined) return old === undefined ? '' : (converted[old] ?? old);
  switch (logical.type) {
    case 'TIME':
    case 'TIMESTAMP':
      return `${logical.type} ${logical.unit} ${logical.isAdjustedToUTC}`;
    case 'INTEGER':
      return logical.isSigned && logical.bitWidth >= 32 ? '' : `INTEGER ${logical.bitWidth} ${logical.isSigned}`;
    default:
      return logical.type;
  }
}
