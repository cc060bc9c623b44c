// What fits a declared type, and in which form.
import { expect } from 'chai';
import { ExactNumber } from '../../lib/core/exact.js';
import { coerce, misfit } from '../../lib/schema/coerce.js';
import type { ColumnType } from '../../lib/schema/index.js';

const keep = () => 'keep' as const;
const decimal: ColumnType = { kind: 'decimal', precision: 5, scale: 2 };
const list: ColumnType = { kind: 'list', item: { kind: 'bigint' } };
const struct: ColumnType = { kind: 'struct', fields: [{ name: 'a', type: list }] };

const cases: readonly (readonly [ColumnType, value: unknown, result: unknown])[] = [
  [{ kind: 'bool' }, true, true],
  [{ kind: 'bool' }, 'False', false],
  [{ kind: 'bool' }, 1, true],
  [{ kind: 'bool' }, 'yes', misfit],
  [{ kind: 'bool' }, 2, misfit],
  [{ kind: 'bigint' }, ' 12 ', 12n],
  [{ kind: 'bigint' }, '+9223372036854775807', 2n ** 63n - 1n],
  [{ kind: 'bigint' }, 3, 3],
  [{ kind: 'bigint' }, 2n ** 63n, misfit],
  [{ kind: 'bigint' }, '1.5', misfit],
  [{ kind: 'bigint' }, 1.5, misfit],
  [{ kind: 'bigint' }, 1e20, misfit],
  [{ kind: 'bigint' }, '', misfit],
  [{ kind: 'bigint' }, true, misfit],
  [{ kind: 'bigint' }, '9'.repeat(100), misfit],
  [{ kind: 'double' }, '1.5e3', 1500],
  [{ kind: 'double' }, 'NaN', Number.NaN],
  [{ kind: 'double' }, new ExactNumber('0.12345678901234567890'), 0.12345678901234568],
  [{ kind: 'double' }, 2n ** 60n, 2 ** 60],
  [{ kind: 'double' }, 2n ** 60n + 1n, misfit],
  [{ kind: 'double' }, '+9007199254740992', 2 ** 53],
  [{ kind: 'double' }, '9007199254740993', misfit],
  [{ kind: 'double' }, '-0', -0],
  [{ kind: 'double' }, '9'.repeat(400), misfit],
  [{ kind: 'double' }, '1e999', misfit],
  [{ kind: 'double' }, '0x10', misfit],
  [decimal, 1.25, 1.25],
  [decimal, '999.99', new ExactNumber('999.99')],
  [decimal, '1.250', new ExactNumber('1.250')],
  [decimal, 5n, 5n],
  [decimal, 1.125, misfit],
  [decimal, 1000, misfit],
  [decimal, Number.NaN, misfit],
  [decimal, 'abc', misfit],
  [{ kind: 'text' }, 5, 5],
  [{ kind: 'text' }, { a: 1 }, { a: 1 }],
  [{ kind: 'timestamp' }, '2024-01-01T10:00:00+02:00', '2024-01-01T10:00:00+02:00'],
  [{ kind: 'timestamp' }, '2024-01-01', '2024-01-01T00:00:00Z'],
  [{ kind: 'timestamp' }, '2024-01-01T10:00Z', '2024-01-01T10:00:00Z'],
  [{ kind: 'timestamp' }, '2024-01-01 10:00+02:00', '2024-01-01 10:00:00+02:00'],
  [{ kind: 'timestamp' }, 1700000000, '2023-11-14T22:13:20.000000Z'],
  [{ kind: 'timestamp' }, 1700000000.123, '2023-11-14T22:13:20.123000Z'],
  [{ kind: 'timestamp' }, -0.5, '1969-12-31T23:59:59.500000Z'],
  [{ kind: 'timestamp' }, 1e15, misfit],
  [{ kind: 'timestamp' }, Number.NaN, misfit],
  [{ kind: 'timestamp' }, '2024-02-30T10:00Z', misfit],
  [{ kind: 'timestamp' }, 'soon', misfit],
  [{ kind: 'timestamp' }, new Date(0), '1970-01-01T00:00:00.000Z'],
  [{ kind: 'date' }, '2024-01-01', '2024-01-01'],
  [{ kind: 'date' }, '2024-01-01T00:00:00.000Z', '2024-01-01'],
  [{ kind: 'date' }, '2024-01-01T10:00:00Z', misfit],
  [{ kind: 'date' }, '2024-01-01T00:00:00+02:00', misfit],
  [{ kind: 'time' }, '10:30', '10:30:00'],
  [{ kind: 'time' }, '10:30:15.5', '10:30:15.5'],
  [{ kind: 'time' }, '25:00', misfit],
  [{ kind: 'binary' }, '/wAB', Buffer.from([255, 0, 1])],
  [{ kind: 'binary' }, '0xff00', Buffer.from([255, 0])],
  [{ kind: 'binary' }, 'not base64!', misfit],
  [{ kind: 'binary' }, 5, misfit],
  [{ kind: 'json' }, [1, {}], [1, {}]],
  [list, ['1', null, 2], [1n, null, 2]],
  [list, ['x'], misfit],
  [list, 1, misfit],
  [struct, { a: ['5'], b: 1 }, { a: [5n], b: 1 }],
  [struct, { a: 1 }, misfit],
  [struct, [1], misfit],
];

describe('coerce', () => {
  for (const [type, value, result] of cases) {
    it(`takes ${show(value)} for ${type.kind} as ${result === misfit ? 'a misfit' : show(result)}`, () => {
      expect(coerce(value, type, keep, 'column')).to.deep.equal(result);
    });
  }

  it('takes NULL for every type', () => {
    for (const [type] of cases) {
      expect(coerce(null, type, keep, 'column')).to.equal(null);
      expect(coerce(undefined, type, keep, 'column')).to.equal(undefined);
    }
  });

  it('gives back the same object when nothing has to change', () => {
    const row = { a: [1, 2n, null] };
    expect(coerce(row, struct, keep, 'column')).to.equal(row);
  });

  it('asks about fields that were not declared, and drops them on request', () => {
    const asked: string[] = [];
    const extra = (path: string) => {
      asked.push(path);
      return 'drop' as const;
    };
    const type: ColumnType = { kind: 'list', item: struct };
    const result = coerce([{ a: [], b: 1, c: undefined }], type, extra, 'rows');
    expect(result).to.deep.equal([{ a: [], c: undefined }]);
    expect(asked).to.deep.equal(['rows[].b']);
  });
});

function show(value: unknown): string {
  return value instanceof Uint8Array
    ? `bytes ${value.join(' ')}`
    : typeof value === 'number'
      ? String(value)
      : (JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? '');
}
