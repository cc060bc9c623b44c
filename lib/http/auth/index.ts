// The ways to authenticate.
export * from './api-key.js';
export * from './auth.js';
export * from './basic.js';
export * from './bearer.js';
export * from './oauth2-client-credentials.js';
export * from './oauth2-jwt-bearer.js';
export * from './oauth2-refresh-token.js';
export * from './registry.js';
export * from './session-token.js';
export type { ParsedToken, TokenEndpointOptions } from './token-endpoint.js';
export * from './token-file.js';
