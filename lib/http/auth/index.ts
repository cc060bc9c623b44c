// The ways to authenticate.
export * from './api-key.js';
export * from './auth.js';
export * from './basic.js';
export * from './bearer.js';
