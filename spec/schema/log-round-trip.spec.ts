// Proves with DuckDB that the log, its types and its casts give back what was put in, for any JSON.
import fc from 'fast-check';
import {
  type ColumnType,
  convertExpression,
  quoteIdentifier,
  RowEncoder,
  resolve,
  Shape,
  sqlType,
} from '../../lib/schema/index.js';
import { LogReader } from './log-reader.js';
import { differenceOfRow, rows, show } from './values.js';

describe('the log', function () {
  this.timeout(120_000);
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  it('gives back every value of random rows, whatever types they have', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const encoder = new RowEncoder();
        const encoded = encoder.encode(written, { page: 0 });
        const schema = resolve(encoder.shape);
        if (schema.columns.length === 0) return;
        const read = await reader.read(encoded, schema);
        compare(written, read, encoder.shape, new Map(schema.columns.map(({ name, type }) => [name, type])));
      }),
      { numRuns: 300 },
    );
  });

  it('gives back the values of an earlier table, converted to the types that later rows made necessary', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (earlier, later) => {
        const encoder = new RowEncoder();
        const encoded = encoder.encode(earlier, { page: 0 });
        const before = resolve(encoder.shape);
        if (before.columns.length === 0) return;
        await reader.run(`CREATE OR REPLACE TABLE published AS ${await reader.select(encoded, before)}`);
        const shape = Shape.fromJSON(JSON.parse(JSON.stringify(encoder.shape)));
        new RowEncoder({ shape }).encode(later, { page: 1 });
        const after = new Map(resolve(shape).columns.map(({ name, type }) => [name, type]));
        const values = before.columns.map(({ name, type }) => {
          const to = after.get(name)!;
          return `CAST(${convertExpression(quoteIdentifier(name), type, to)} AS ${sqlType(to)}) AS ${quoteIdentifier(name)}`;
        });
        const read = await reader.query(`SELECT ${values.join(', ')} FROM published`);
        compare(earlier, read, encoder.shape, after);
      }),
      { numRuns: 300 },
    );
  });
});

function compare(
  written: Record<string, unknown>[],
  read: Parameters<typeof differenceOfRow>[1][],
  shape: Shape,
  types: Map<string, ColumnType>,
): void {
  if (read.length !== written.length) throw new Error(`${written.length} rows were written, ${read.length} read`);
  written.forEach((row, i) => {
    const difference = differenceOfRow(row, read[i]!, shape, types);
    if (difference) throw new Error(`${difference}\nof the row ${show(row)}`);
  });
}
