// The types that a column can have, and what a table's schema is made of.

/** The type of a column or of a part of it. */
export type ColumnType =
  /** Only NULL was seen so far; stored as text, and free to become anything. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bool' }
  /** 64 bits, signed. */
  | { readonly kind: 'bigint' }
  | { readonly kind: 'double' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text' }
  /** An instant: UTC, microseconds. */
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  /** Any JSON value, kept as its text. */
  | { readonly kind: 'json' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'list'; readonly item: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] };

/** A part of a struct. */
export interface Field {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Column extends Field {
  /** Whether a row was without it, or had NULL. */
  readonly nullable: boolean;
  readonly description?: string;
}

export interface TableSchema {
  readonly columns: readonly Column[];
}
