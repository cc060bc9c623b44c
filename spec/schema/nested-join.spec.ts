import { expect } from 'chai';
import fc from 'fast-check';
import { type Line, load, own, type Tables } from './nested-rows.js';

describe('child tables', () => {
  it('loses nothing: the tables joined give the rows back', () => {
    const key = fc.constantFrom('a', 'b', 'c d', 'é', '');
    const { value } = fc.letrec<{ value: unknown; list: unknown[]; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.constantFrom('x', null, true),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
      object: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 3 }),
    }));
    const rows = fc.array(fc.record({ k: value, l: value }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.constantFrom(0, 1, 2, 3, 1000), (given, maxTableNesting) => {
        const numbered = given.map((row, id) => ({ id, ...row }));
        const tables = load(numbered, { maxTableNesting });
        expect(joined(tables, '')).to.deep.equal(numbered.map((row) => flattened(row, maxTableNesting)));
      }),
    );
  });
});

/** The rows of a table, each list that is a table of its own put back as `path[]`. */
function joined(tables: Tables, path: string, parent?: unknown): Line[] {
  const name = path === '' ? 't' : `t__${path}`;
  const lines = (tables[name] ?? []).filter((line) => parent === undefined || line['_dlt_parent_id'] === parent);
  const sorted = lines.sort((one, other) => Number(one['_dlt_list_idx'] ?? 0) - Number(other['_dlt_list_idx'] ?? 0));
  return sorted.map((line) => {
    const row = own(line);
    const prefix = `${name}__`;
    for (const table of Object.keys(tables)) {
      if (!table.startsWith(prefix)) continue;
      const rows = joined(tables, table.slice('t__'.length), line['_dlt_id']);
      if (rows.length > 0) row[`${table.slice(prefix.length)}[]`] = rows;
    }
    return row;
  });
}

/** The same form, made from the row by hand. As dlt has it, the items of a list are one level below the row, however deep the list is in it. */
function flattened(row: Line, level: number): Line {
  const out: Line = {};
  const visit = (value: unknown, path: string, left: number): void => {
    if (typeof value !== 'object' || value === null || left <= 0) out[path] = value;
    else if (Array.isArray(value)) out[`${path}[]`] = value.map((item) => itemOf(item, level));
    else for (const [key, inner] of Object.entries(value)) visit(inner, `${path}__${key || '_empty'}`, left - 1);
  };
  for (const [key, value] of Object.entries(row)) visit(value, key || '_empty', level);
  return out;
}

function itemOf(item: unknown, left: number): Line {
  if (Array.isArray(item)) return flattened({ list: item }, left - 2);
  return flattened(typeof item === 'object' && item !== null ? (item as Line) : { value: item }, left - 1);
}
