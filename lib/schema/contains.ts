// Whether a type holds everything that was seen, without loss.
import { kinds, type Seen } from './seen.js';
import type { ColumnType } from './type.js';

/** Whether the log's values of what was seen can be read as `type`. */
export function contains(type: ColumnType, seen: Seen): boolean {
  const flags = seen.flags & ~kinds.null;
  if (flags === 0) return true;
  const only = (allowed: number) => (flags & ~allowed) === 0;
  switch (type.kind) {
    case 'text':
    case 'json':
      return true;
    case 'bool':
    case 'date':
    case 'time':
    case 'binary':
      return only(kinds[type.kind]);
    case 'timestamp':
      return only(kinds.timestamp | kinds.date);
    case 'bigint':
      return only(kinds.int | kinds.long);
    case 'double':
      return only(kinds.int | kinds.double);
    case 'decimal': {
      const fits = seen.digits <= type.precision - type.scale && seen.scale <= type.scale;
      return only(kinds.int | kinds.long | kinds.huge | kinds.double | kinds.exact) && fits;
    }
    case 'list':
      return only(kinds.list) && (seen.item === undefined || contains(type.item, seen.item));
    case 'struct': {
      const types = new Map(type.fields.map((field) => [field.name, field.type]));
      const fields = [...(seen.fields ?? [])];
      return only(kinds.struct) && fields.every(([key, field]) => types.has(key) && contains(types.get(key)!, field));
    }
    case 'unknown':
      return false;
  }
}
