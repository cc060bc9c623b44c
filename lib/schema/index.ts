// What the other folders take from schema.
export * from './changes.js';
export * from './convert.js';
export * from './encode.js';
export * from './foreign.js';
export * from './metadata.js';
export * from './names.js';
export * from './resolve.js';
export * from './schema-error.js';
export * from './shape.js';
export {
  displayType,
  type LogFiles,
  quoteIdentifier,
  quoteLiteral,
  readExpression,
  readType,
  selectLog,
  sqlType,
} from './sql.js';
export * from './type.js';
