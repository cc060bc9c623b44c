// select: what counts as the records of a page.
import { expect } from 'chai';
import { of } from 'rxjs';
import { ExactNumber, OptionError, withFlow } from '../../lib/core/index.js';
import { type RecordSelector, select } from '../../operators/index.js';
import { collect, fakeFlow } from '../pages/fake-api.js';
import { itKeepsPages, page, rows } from './marbles.js';

const one = { id: 1 };
const two = { id: 2 };
const input = { a: page(0, { data: [one, two] }), b: page(1, { data: [] }), c: page(2, { data: [two] }) };
const output = { a: rows(0, one, two), b: rows<typeof one>(1), c: rows(2, two) };

function selected(selector: string | RecordSelector<object> | undefined, ...bodies: readonly unknown[]) {
  const seen: (readonly object[])[] = [];
  of(...bodies.map((body, index) => page(index, body)))
    .pipe(select(selector))
    .subscribe((each) => seen.push(each.rows));
  return seen;
}

describe('select', () => {
  describe('by a path', () => {
    itKeepsPages({ operator: () => select<typeof one>('data'), input, output });

    it('takes the one list that matches for the page', () => {
      expect(selected('a.b', { a: { b: [one] } })).to.deep.equal([[one]]);
    });

    it('takes an object for the only record', () => {
      expect(selected('a', { a: one })).to.deep.equal([[one]]);
      expect(selected('$', one)).to.deep.equal([[one]]);
    });

    it('takes several matches for the records', () => {
      expect(selected('groups[*].items[*]', { groups: [{ items: [one] }, { items: [two] }] })).to.deep.equal([
        [one, two],
      ]);
      expect(selected('$[?@.id == 2]', [one, two])).to.deep.equal([[two]]);
    });

    it('takes null, no match and no body for an empty page', () => {
      expect(selected('data', { data: null }, {}, undefined, [], 'text')).to.deep.equal([[], [], [], [], []]);
    });

    it('makes records of what is no object', () => {
      expect(selected('data', { data: ['x', 7, null, [1]] }, { data: 'y' }, { data: 0 })).to.deep.equal([
        [{ value: 'x' }, { value: 7 }, { value: null }, { value: [1] }],
        [{ value: 'y' }],
        [{ value: 0 }],
      ]);
      const exact = new ExactNumber('0.12345678901234567890');
      expect(selected('data', { data: [exact] })).to.deep.equal([[{ value: exact }]]);
    });

    it('refuses a path that cannot be read, at once', () => {
      expect(() => select('data['))
        .to.throw(OptionError, 'selector: "data["')
        .with.property('code', 'ERR_INVALID_OPTION');
    });
  });

  describe('by a function', () => {
    itKeepsPages({
      operator: () => select((each) => (each.body as { data: (typeof one)[] }).data),
      input,
      output,
      throwing: (problem) =>
        select(() => {
          throw problem;
        }),
    });

    it('takes a list, one record, or none', () => {
      expect(selected(() => [one, two], 1)).to.deep.equal([[one, two]]);
      expect(selected(() => one, 1)).to.deep.equal([[one]]);
      expect(selected(() => null, 1)).to.deep.equal([[]]);
      expect(selected(() => undefined, 1)).to.deep.equal([[]]);
    });
  });

  describe('without a selector', () => {
    itKeepsPages({ operator: () => select<typeof one>(), input, output });

    it('never takes an empty list of errors for the records', () => {
      expect(selected(undefined, { errors: [], things: [one] })).to.deep.equal([[one]]);
    });

    it('keeps what it found in the first page that had records', () => {
      const bodies = [
        { things: [], errors: [] },
        { things: [one], errors: [] },
        { things: [], errors: [two] },
      ];
      expect(selected(undefined, ...bodies)).to.deep.equal([[], [one], []]);
    });

    it('says what it found, in a flow', () => {
      const flow = fakeFlow();
      withFlow(flow, () => selected(undefined, { things: [one] }, { things: [two] }));
      expect(flow.notes).to.deep.equal(['the records were found at "things" (1 in the first page)']);
    });

    it('errors, and names the candidates, where it cannot tell', () => {
      const seen = collect(of(page(0, { issues: [one], users: [two] })).pipe(select()));
      expect(seen.error).to.be.instanceOf(OptionError);
      expect((seen.error as Error).message).to.include('"issues" or at "users"');
    });

    it('takes a body without any list for one record, and no body for none', () => {
      expect(selected(undefined, one, undefined)).to.deep.equal([[one], []]);
    });
  });
});
