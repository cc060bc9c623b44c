// Which row groups cannot have a key that came, by the bounds that the footer tells of their column.
import type { PublishContext } from '../publish-context.js';
import { identifier } from '../sql-text.js';
import type { Footer } from './footer.js';
import { boundsOf } from './row-group.js';

/**
 * How many row groups, from the first, have none of the keys that a relation has. 0 when that cannot be told: only of whole numbers and texts it can.
 */
export async function groupsBefore(
  { database, rules, columns }: PublishContext,
  footer: Footer,
  keys: string,
): Promise<number> {
  const [key] = rules.primaryKey;
  const type = key?.fields.length === 0 ? columns.find(({ name }) => name === key.column)?.type : undefined;
  if (type !== 'BIGINT' && type !== 'VARCHAR') return 0;
  const name = identifier(key!.column);
  const [bounds = []] = await database.rows(`SELECT min(${name}), max(${name}) FROM (${keys})`);
  const [least, greatest] = bounds.map((value) => stored(value));
  if (least === undefined || greatest === undefined) return 0;
  const touched = footer.groups.findIndex((group) => {
    const found = boundsOf(group, key!.column, type === 'BIGINT' ? 8 : undefined);
    return found === undefined || !(compare(found.max, least) < 0 || compare(found.min, greatest) > 0);
  });
  return touched < 0 ? footer.groups.length : touched;

  function compare(one: Uint8Array, other: Uint8Array): number {
    if (type === 'VARCHAR') return Buffer.compare(one, other);
    const [a, b] = [one, other].map((bytes) => Buffer.from(bytes).readBigInt64LE());
    return a! < b! ? -1 : Number(a! > b!);
  }
}

/** A value as the statistics have it. */
function stored(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value !== 'bigint') return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
