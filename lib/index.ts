// The door ".": what a program needs beside operators and sinks.
export {
  AbortedError,
  type Counts,
  type DedupSort,
  type DeleteMissing,
  ExactNumber,
  type HttpResponse,
  isExactNumber,
  type Json,
  type MergeStrategy,
  type NullKeys,
  OptionError,
  type Page,
  type PagePart,
  type Params,
  type Position,
  type Progress,
  type Receipt,
  type ReceiptColumn,
  type Request,
  RequestError,
  type RequestErrorCode,
  type Row,
  type Rows,
  type SchemaChange,
  SluiceError,
  splitPage,
  type WriteDisposition,
  type WriteDispositionOption,
} from './core/index.js';
export * from './http/index.js';
export * from './pages/index.js';
export * from './rest-api/index.js';
export { type RunOptions, run, TableError, type TableErrorCode } from './table/index.js';
