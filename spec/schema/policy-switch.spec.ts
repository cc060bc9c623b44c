// A table whose options change between runs: what is published converts to the new types, and no value is lost.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ColumnOptions,
  columnPolicy,
  convertExpression,
  quoteIdentifier,
  resolve,
  Shape,
  sqlType,
} from '../../lib/schema/index.js';
import { LogReader } from './log-reader.js';
import { differenceOfRow, rows, show } from './values.js';

const nesting = fc.constantFrom<'native' | 'json'>('native', 'json');
const keepAsText = fc.subarray(['timestamp', 'date', 'time'] as const);
const types = ['text', 'double', 'bool', 'timestamp', 'date', 'time', 'bigint', 'binary', 'json', 'decimal'] as const;
const columns = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'id'),
  fc.constantFrom(...types).map((type) => ({ data_type: type })),
  { minKeys: 1, maxKeys: 2 },
);
const undeclared: fc.Arbitrary<ColumnOptions> = fc.record({ nesting, keepAsText });
const declared: fc.Arbitrary<ColumnOptions> = fc.record({ nesting, keepAsText, columns });

const numRuns = 100;

describe('a table whose options change', function () {
  this.timeout(20_000 + numRuns * 1_000);
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  type Rows = Record<string, unknown>[];

  /** Publishes `earlier` by one set of options, and reads it as a run by the other set converts it. */
  async function convert(one: ColumnOptions, two: ColumnOptions, earlier: Rows, later: Rows) {
    const first = columnPolicy(one);
    const encoder = first.encoder({ table: 't' });
    const encoded = encoder.encode(earlier, { page: 0 });
    const { shape } = encoder;
    const published = resolve(shape, first.resolve);
    if (published.columns.length === 0) return undefined;
    await reader.run(`CREATE OR REPLACE TABLE published AS ${await reader.select(encoded, published)}`);
    const second = columnPolicy(two);
    const next = second.encoder({ table: 't', shape: Shape.fromJSON(JSON.parse(JSON.stringify(shape))) });
    next.encode(later, { page: 1 });
    const to = new Map(resolve(next.shape, second.resolve).columns.map(({ name, type }) => [name, type]));
    const values = published.columns
      .filter(({ name }) => to.has(name))
      .map(({ name, type }) => {
        const value = convertExpression(quoteIdentifier(name), type, to.get(name)!);
        return `CAST(${value} AS ${sqlType(to.get(name)!)}) AS ${quoteIdentifier(name)}`;
      });
    return { shape, to, read: await reader.query(`SELECT ${['true', ...values].join(', ')} FROM published`) };
  }

  it('keeps every value when nesting and the reading of dates change', async () => {
    await fc.assert(
      fc.asyncProperty(undeclared, undeclared, rows, rows, async (one, two, earlier, later) => {
        const result = await convert(one, two, earlier, later);
        if (result === undefined) return;
        earlier.forEach((row, i) => {
          const difference = differenceOfRow(row, result.read[i]!, result.shape, result.to);
          if (difference) throw new Error(`${difference}\nof the row ${show(row)}`);
        });
      }),
      { numRuns },
    );
  });

  it('can be read whatever was declared before, and whatever is declared now', async () => {
    const options = fc.oneof(declared, undeclared);
    await fc.assert(
      fc.asyncProperty(options, options, rows, rows, async (one, two, earlier, later) => {
        const result = await convert(one, two, earlier, later);
        if (result !== undefined) expect(result.read).to.have.lengthOf(earlier.length);
      }),
      { numRuns },
    );
  });
});
