// The door `sluice/operators`.
export { countRows, type RowCount } from './count-rows.js';
export { filterRows } from './filter-rows.js';
export { flatMapRows } from './flat-map-rows.js';
export { mapRows } from './map-rows.js';
export { omit } from './omit.js';
export { pick } from './pick.js';
export { type Renamed, rename } from './rename.js';
export { type RetryPolicy, retry } from './retry.js';
export { type RecordSelector, select } from './select.js';
export { tapRows } from './tap-rows.js';
