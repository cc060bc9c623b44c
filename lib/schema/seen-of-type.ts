// What must have been seen for a column to have a type: the way back from types to evidence.
import { digitsOf, tooManyDigits } from './digits.js';
import { kinds, numberKinds, Seen } from './seen.js';
import type { ColumnType, Field } from './type.js';

const seenKinds: Readonly<Record<ColumnType['kind'], number>> = {
  unknown: 0,
  bool: kinds.bool,
  bigint: kinds.int | kinds.long,
  double: kinds.double,
  decimal: kinds.exact,
  text: kinds.text,
  timestamp: kinds.timestamp,
  date: kinds.date,
  time: kinds.time,
  json: kinds.json,
  binary: kinds.binary,
  list: kinds.list,
  struct: kinds.struct,
};

/** The most that values of a type can have shown: so that new values can widen it, and never narrow it. */
export function seenOfType(type: ColumnType): Seen {
  const seen = new Seen();
  seen.add(seenKinds[type.kind]);
  if (type.kind === 'decimal') seen.addDigits(type.precision - type.scale, type.scale);
  else if (type.kind === 'bigint') seen.addDigits(digitsOf(String(2n ** 63n)).digits, 0);
  // Nobody knows how many digits the doubles in it have.
  else if (seen.has(numberKinds)) seen.addDigits(tooManyDigits, tooManyDigits);
  if (type.kind === 'list') seen.item = seenOfType(type.item);
  if (type.kind === 'struct') {
    seen.fields = new Map(type.fields.map((field: Field) => [field.name, seenOfType(field.type)]));
  }
  return seen;
}
