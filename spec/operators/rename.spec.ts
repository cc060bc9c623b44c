// rename: other names for columns, and names that meet.
import { expect } from 'chai';
import { of } from 'rxjs';
import { OptionError } from '../../lib/core/index.js';
import { rename } from '../../operators/index.js';
import { itKeepsPages, rows } from './marbles.js';

interface Project {
  readonly id: number;
  readonly name: string;
}
const one: Project = { id: 1, name: 'one' };
const two: Project = { id: 2, name: 'two' };
const input = { a: rows(0, one, two), b: rows<Project>(1), c: rows(2, two) };

describe('rename', () => {
  itKeepsPages({
    operator: () => rename<Project, { id: 'key' }>({ id: 'key' }),
    input,
    output: {
      a: rows(0, { key: 1, name: 'one' }, { key: 2, name: 'two' }),
      b: rows<{ key: number; name: string }>(1),
      c: rows(2, { key: 2, name: 'two' }),
    },
  });

  function renamed(row: Record<string, unknown>, names: Record<string, string>) {
    let out: readonly object[] = [];
    of(rows(0, row))
      .pipe(rename(names))
      .subscribe((page) => {
        out = page.rows;
      });
    return out[0];
  }

  it('keeps the order of the columns', () => {
    expect(Object.keys(renamed({ a: 1, b: 2, c: 3 }, { b: 'x' })!)).to.deep.equal(['a', 'x', 'c']);
  });

  it('swaps names', () => {
    expect(renamed({ a: 1, b: 2 }, { a: 'b', b: 'a' })).to.deep.equal({ b: 1, a: 2 });
  });

  it('replaces a column that has the new name, also one that comes later', () => {
    expect(renamed({ a: 1, b: 2 }, { a: 'b' })).to.deep.equal({ b: 1 });
    expect(renamed({ b: 2, a: 1 }, { a: 'b' })).to.deep.equal({ b: 1 });
  });

  it('leaves a row without the column as it is', () => {
    expect(renamed({ b: 2 }, { a: 'b' })).to.deep.equal({ b: 2 });
  });

  it('takes names that objects have by nature', () => {
    const row = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect(JSON.stringify(renamed(row, { constructor: 'toString' }))).to.equal('{"__proto__":1,"toString":2}');
  });

  it('refuses two columns with one new name', () => {
    expect(() => rename({ a: 'x', b: 'x' })).to.throw(OptionError);
  });
});
