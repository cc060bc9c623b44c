// The door "sluice/testing": what authors of sinks, operators and chains test with.
export { rowsOf } from './rows-of.js';
