// The parts of parquetjs-lite that this package uses; it brings no types of its own.
declare module 'parquetjs-lite' {
  /** A leaf of the schema as the encoder of pages looks at it. */
  export interface Leaf {
    readonly name: string;
    readonly path: readonly string[];
    readonly primitiveType: string;
    readonly typeLength?: number;
    readonly encoding: 'PLAIN';
    readonly compression: string;
    readonly statistics: false;
    readonly rLevelMax: number;
    readonly dLevelMax: number;
  }

  /** The values of one leaf with their levels. */
  export interface ColumnData {
    readonly values: unknown[];
    readonly rlevels: number[];
    readonly dlevels: number[];
    readonly distinct_values: Set<unknown>;
    readonly count: number;
  }

  export interface RowBuffer {
    readonly rowCount: number;
    readonly pageRowCount: number;
    readonly columnData: Record<string, ColumnData>;
    readonly pages: Record<string, unknown[]>;
  }

  export interface Schema {
    readonly fieldList: readonly Leaf[];
  }

  export class ParquetEnvelopeWriter {
    schema: Schema;
    offset: number;
    rowGroups: import('parquetjs-lite/gen-nodejs/parquet_types.js').RowGroup[];
    constructor(
      schema: Schema,
      write: (bytes: Buffer) => Promise<void>,
      close: () => Promise<void>,
      offset: number,
      options: { readonly useDataPageV2: boolean; readonly pageIndex: boolean },
    );
    writeSection(bytes: Buffer): Promise<void>;
    writeHeader(): Promise<void>;
    writeIndex(): void;
    writeFooter(metadata: Record<string, string>): Promise<void>;
    writeRowGroup(rows: RowBuffer): Promise<void>;
  }

  export class ParquetWriter {
    rowBuffer: RowBuffer;
    constructor(schema: Schema, envelope: ParquetEnvelopeWriter, options: object);
    close(): Promise<void>;
  }

  /** A CommonJS module whose names Node does not see: all of it is the default export. */
  const parquetjs: { ParquetEnvelopeWriter: typeof ParquetEnvelopeWriter; ParquetWriter: typeof ParquetWriter };
  export default parquetjs;
}

declare module 'parquetjs-lite/gen-nodejs/parquet_types.js' {
  /** Writes the compact protocol. */
  export interface Output {
    writeStructBegin(name: string): void;
    writeStructEnd(): void;
    writeFieldBegin(name: string, type: number, id: number): void;
    writeFieldEnd(): void;
    writeFieldStop(): void;
    writeBool(value: boolean): void;
  }
  export interface Writes {
    write(output: Output): void;
  }
  export interface ColumnChunk extends Writes {
    meta_data: { path_in_schema: readonly string[]; num_values: number };
  }
  export class RowGroup implements Writes {
    columns: ColumnChunk[];
    num_rows: number;
    total_byte_size: number;
    write(output: Output): void;
  }
  export class SchemaElement implements Writes {
    type: number | null;
    type_length: number | null;
    repetition_type: number | null;
    name: string;
    num_children: number | null;
    converted_type: number | null;
    scale: number | null;
    precision: number | null;
    logicalType: Writes | null;
    write(output: Output): void;
  }
  export class KeyValue implements Writes {
    key: string;
    value: string;
    write(output: Output): void;
  }
  export class FileMetaData implements Writes {
    version: number;
    schema: readonly SchemaElement[];
    num_rows: number;
    row_groups: readonly RowGroup[];
    key_value_metadata: readonly KeyValue[];
    created_by: string;
    write(output: Output): void;
  }

  const types: {
    FileMetaData: typeof FileMetaData;
    KeyValue: typeof KeyValue;
    SchemaElement: typeof SchemaElement;
    Type: Readonly<Record<string, number>>;
    ConvertedType: Readonly<Record<string, number>>;
    FieldRepetitionType: Readonly<Record<'REQUIRED' | 'OPTIONAL' | 'REPEATED', number>>;
  };
  export default types;
}

declare module 'parquetjs-lite/lib/util.js' {
  const util: { serializeThrift(value: import('parquetjs-lite/gen-nodejs/parquet_types.js').Writes): Buffer };
  export default util;
}
