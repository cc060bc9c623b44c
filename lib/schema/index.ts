// What the other folders take from schema.
export * from './changes.js';
export {
  type ChildName,
  type ChildTable,
  childNames,
  type KnownChild,
  links,
  rootPlace,
  storedChildren,
} from './child-tables.js';
export type { ColumnHint } from './column-hint.js';
export {
  type ColumnDeclaration,
  type ColumnsOption,
  columnHints,
  type DataType,
  plainColumns,
  type StandardJsonSchema,
} from './column-hints.js';
export * from './column-policy.js';
export {
  type ContractMode,
  type ContractModes,
  type ContractOption,
  contractModes,
  type DeadLetter,
  deadLetterLine,
  type RowIssue,
} from './contract.js';
export * from './convert.js';
export { digestExpression } from './digest.js';
export * from './encode.js';
export * from './foreign.js';
export type { JsonSchema } from './json-schema.js';
export * from './metadata.js';
export type { MetadataColumns, MetadataColumnsOption, MetadataPolicy, PageSource } from './metadata-columns.js';
export { type CollisionPolicy, foldName } from './names.js';
export { NestedEncoder, type RowIdentity } from './nested-encoder.js';
export { type DeclaredColumn, type ResolveOptions, resolve } from './resolve.js';
export * from './schema-error.js';
export { Shape, type ShapeColumn, type ShapeOptions } from './shape.js';
export {
  displayType,
  type LogFiles,
  quoteIdentifier,
  quoteLiteral,
  readExpression,
  readType,
  selectLog,
  sqlType,
  storedType,
} from './sql.js';
export type { TemporalKind } from './temporal.js';
export * from './type.js';
export {
  resolvePath,
  type ValuePath,
  type ValuePathOptions,
  type ValuePaths,
  valueAt,
  valueExpression,
  valuePaths,
} from './value-path.js';
