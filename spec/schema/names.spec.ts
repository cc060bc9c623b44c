// Which names columns get.
import { expect } from 'chai';
import { areFieldNames, columnName, freeName } from '../../lib/schema/names.js';

describe('names', () => {
  it('are the keys as they are', () => {
    for (const key of ['id', 'a.b', 'first name', '"', 'Ä', '👩', '__proto__', ' ', 'x'.repeat(300)]) {
      expect(columnName(key)).to.equal(key);
    }
  });

  it('replace what no file can hold', () => {
    expect(columnName('')).to.equal('_empty');
    expect(columnName('a\0b')).to.equal('a\ufffdb');
    expect(columnName('a\ud800')).to.equal('a\ufffd');
  });

  it('get the first free number when they are taken', () => {
    const taken = new Map([
      ['id', 'Id'],
      ['id_2', 'ID_2'],
    ]);
    expect(freeName({ key: 'id', name: 'id' }, (name) => taken.get(name), 'suffix')).to.equal('id_3');
    expect(freeName({ key: 'Other', name: 'Other' }, (name) => taken.get(name), 'suffix')).to.equal('Other');
    expect(() => freeName({ key: 'ID', name: 'ID' }, (name) => taken.get(name), 'error')).to.throw('"Id" and "ID"');
  });

  it('of fields must not be empty, hold NUL, or be alike but for their case', () => {
    expect(areFieldNames(['a', 'b', 'a b', '"'])).to.equal(true);
    for (const names of [['a', 'A'], ['é', 'É'], [''], ['a\0'], ['\ud800', '\udfff']])
      expect(areFieldNames(names)).to.equal(false);
  });
});
