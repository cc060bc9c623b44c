// A file that has got other rows than were decided on is never published.
import { expect } from 'chai';
import type { PublishContext } from '../../../lib/table/publish-context.js';
import { copyRows } from '../../../lib/table/splice/write-rows.js';
import { failureOf } from '../../sinks/parquet-file.js';

describe('rows that are written into a file', () => {
  const context = (written: number) =>
    ({
      publication: { table: 'things', rows: 5 },
      columns: [{ name: 'id', type: { kind: 'bigint' }, nullable: false }],
      copy: async () => written,
    }) as unknown as PublishContext;
  const relations = [
    { relation: 'SELECT 1 AS id', rows: 1 },
    { relation: 'SELECT 2 AS id', rows: 2 },
  ];

  it('are as many as were decided on', () => copyRows(context(3), relations, 'file', 'final'));

  for (const written of [2, 4]) {
    it(`are an error when they are ${written} in the place of 3`, async () => {
      expect(await failureOf(copyRows(context(written), relations, 'file', 'final'))).to.include({
        code: 'ERR_TABLE_ROWS',
        message: `table things: 3 rows were to be written and ${written} were. Nothing of it is published, and the rows are kept in the stage. Run again.`,
      });
    });
  }
});
