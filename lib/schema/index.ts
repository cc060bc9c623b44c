// What the other folders take from schema.
export * from './type.js';
