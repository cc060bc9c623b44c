// The door of the declarative configuration.
export { ConfigError, type Place as ConfigPlace, type Problem, type ProblemCode } from './check/problem.js';
export type { AuthConfig } from './config/auth-schema.js';
export type { PaginatorConfig } from './config/paginator-schema.js';
export type { EndpointConfig, ResourceConfig, ResourceDefaults } from './config/resource-schema.js';
export type { SinkConfig } from './config/sink-schema.js';
export type { ClientConfig, RestApiConfig } from './config/source-schema.js';
export { configJsonSchema } from './config-json-schema.js';
export { hasStage } from './out-folder.js';
export { type ReadConfig, readConfig } from './read/read-config.js';
export type { SourceRunOptions } from './run-options.js';
export type { RunNote, SourceRun } from './run-source.js';
export { type RestApiOptions, type RestApiSource, restApi, restApiClient, restApiFile } from './source.js';
export type { RememberedCursor, SourceState, SourceStateOptions } from './source-state.js';
export { type TableFormat, tableFormats } from './table-format.js';
