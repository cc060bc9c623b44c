// The first step of a publish: the rows of the published table with the columns and types of the new one.

import { join } from 'node:path';
import { convertExpression, importExpression, quoteIdentifier, sqlType, storedType } from '../schema/index.js';
import type { PreviousRows } from './decision.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';

/** The published rows; `undefined` when there is no table, or when it is replaced. */
export async function previousRows({
  database,
  publication,
  format,
  columns,
  groups,
}: PublishContext): Promise<PreviousRows | undefined> {
  const { previous, scratch, schema, disposition } = publication;
  if (previous === undefined || disposition === 'replace') return undefined;
  let { file } = previous;
  if (format !== undefined) {
    file = join(scratch, 'previous.parquet');
    await format.import(database, previous.file, file, groups.isWide ? groups.quickRows : undefined);
  }
  const final = new Map(schema.columns.map(({ name, type }) => [name, type]));
  const found = new Map((await database.rows(sql.describeParquet(file))).map(([name, type]) => [name, String(type)]));
  const existing = previous.columns.flatMap(({ name, type }) => {
    const to = final.get(name);
    const stored = found.get(name) ?? sqlType(type);
    // A foreign file may have other types than the ones that stand for them here.
    const from =
      stored === storedType(type)
        ? sql.typed(quoteIdentifier(name), stored, sqlType(type))
        : importExpression(quoteIdentifier(name), stored);
    return to === undefined ? [] : [{ name, cast: convertExpression(from, type, to) }];
  });
  const [rows = 0] = await database.numbers(`SELECT count(*) FROM ${sql.readParquet(file)}`);
  return { file, relation: sql.selectExisting(file, columns, existing), rows };
}
