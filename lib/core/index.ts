// What the other folders take from core.
export * from './clock.js';
export * from './detect-records.js';
export * from './digest-map.js';
export * from './errors.js';
export * from './exact.js';
export * from './flow.js';
export * from './json.js';
export * from './json-path.js';
export * from './meter.js';
export * from './page.js';
export * from './pressure.js';
export * from './pristine.js';
export * from './raw-rows.js';
export * from './receipt.js';
export * from './request.js';
export * from './request-error.js';
export * from './write-disposition.js';
