// The door of HTTP: the client, the ways to authenticate, and the seams for transports.
export * from './auth/index.js';
export { type ClientOptions, client, type HttpClient } from './client.js';
export type * from './client-type.js';
export type * from './fetch-type.js';
export type { BodyFormat } from './parse-body.js';
export type { ProxyChoice } from './proxy.js';
export * from './rate-limit.js';
export type { Timeouts } from './timeouts.js';
export { type Transport, transport } from './transport.js';
export type { TlsOptions, TransportOptions } from './transport-options.js';
export * from './undici-transport.js';
