// Finding the records of a page when nobody said where they are.
import { expect } from 'chai';
import { detectRecords, RecordFinder, recordsAt } from '../../lib/core/index.js';

const row = { id: 1 };

describe('detectRecords', () => {
  const cases: [string, unknown, string | undefined][] = [
    ['a body that is a list', [row], '$'],
    ['an empty list', [], '$'],
    ['a well-known name', { meta: { tags: [row] }, data: [row] }, 'data'],
    ['a well-known name in any case', { things: [row], Results: [row] }, 'Results'],
    ['the first list of objects among unknown names', { projects: [row], members: [row] }, 'projects'],
    ['objects before an empty list with a well-known name', { data: [], things: [row] }, 'things'],
    ['objects before texts with a well-known name', { values: ['x'], things: [row] }, 'things'],
    ['no empty list of errors', { errors: [], things: [row] }, 'things'],
    ['an empty list when there is no other', { things: [] }, 'things'],
    ['no list that stands beside the records', { included: [row], projects: [row] }, 'projects'],
    ['the list that is less deep', { meta: { levels: [row] }, projects: [row] }, 'projects'],
    ['three names deep', { a: { b: { c: [row] } } }, 'a.b.c'],
    ['not four names deep', { a: { b: { c: { d: [row] } } } }, undefined],
    [
      'a GraphQL connection, however deep',
      { errors: [], data: { a: { b: { c: { nodes: [row], tags: [] } } } } },
      'data.a.b.c.nodes',
    ],
    ['nothing inside the records', { data: [{ items: [row, row] }] }, 'data'],
    ['a name with signs', { 'a.b': [row] }, "$['a.b']"],
    ['HAL', { _embedded: { orders: [row] }, _links: {} }, '_embedded.orders'],
    ['OData', { '@odata.context': 'x', value: [row] }, 'value'],
    ['no list', { id: 1 }, undefined],
    ['a text', 'text', undefined],
    ['nothing', undefined, undefined],
  ];
  for (const [name, body, path] of cases)
    it(`finds ${name}`, () => {
      const found = detectRecords(body);
      expect(found?.path).to.equal(path);
      if (found) expect(recordsAt(found.path, body), 'its path leads to it').to.deep.equal(found.records);
    });
});

describe('detectRecords, where it cannot tell', () => {
  it('names the rivals: lists of objects that only their order tells apart', () => {
    expect(detectRecords({ issues: [row], users: [row], empty: [], texts: ['x'] })?.rivals).to.deep.equal(['users']);
    expect(detectRecords({ data: [row], users: [row] })?.rivals).to.deep.equal([]);
    expect(detectRecords({ issues: [], users: [] })?.rivals).to.deep.equal([]);
  });
});

describe('RecordFinder', () => {
  it('decides at the first page with records, and not before', () => {
    const finder = new RecordFinder();
    expect(finder.find({ data: [], things: [] })).to.deep.equal([]);
    expect(finder.path).to.equal(undefined);
    expect(finder.find({ data: [], things: [row] })).to.deep.equal([row]);
    expect(finder.path).to.equal('things');
    expect(finder.find({ data: [row], things: [] })).to.deep.equal([]);
  });

  it('takes the path that it is given', () => {
    const finder = new RecordFinder('a');
    expect(finder.find({ a: row, data: [row, row] })).to.deep.equal([row]);
    expect(finder.find({ data: [row] })).to.deep.equal([]);
  });
});
