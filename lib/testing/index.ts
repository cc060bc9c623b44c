// The door "sluice/testing": what authors of sinks, operators and chains test with.
export type {
  Ability,
  ContractOptions,
  Inability,
  TableSinkUnderTest,
  TestFramework,
} from './contract-type.js';
export { type FakeClient, type FakeResponse, fakeClient } from './fake-client.js';
export { rowsOf } from './rows-of.js';
export { tableSinkContract } from './table-sink-contract.js';
