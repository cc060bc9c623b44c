// What the specs of the sinks for CSV and JSON lines share: rows of every type.
import { ExactNumber, type Row } from '../../lib/core/index.js';

export const everyType: readonly Row[] = [
  {
    id: 1,
    ok: true,
    big: 9223372036854775807n,
    huge: 170141183460469231731687303715n,
    money: new ExactNumber('12345678901234567.25'),
    x: 1.5,
    name: 'Ada, "the first"\nprogrammer',
    day: '2024-02-29',
    at: '2024-02-29T10:00:00.5+02:00',
    tags: ['a', null],
    owner: { id: 7, cost: new ExactNumber('0.12345678901234567') },
    bytes: new Uint8Array([0, 255]),
  },
  { id: 2, name: '', x: -0, tags: [] },
];
