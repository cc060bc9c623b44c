// Positions: nothing stored too early, nothing taken in twice.
import { expect } from 'chai';
import fc from 'fast-check';
import type { Position } from '../../lib/core/index.js';
import { Walks } from '../../lib/stage/walks.js';

const at = (page: number, walk = 'w'): Position => ({ walk, page, next: `after ${page}` });

/** Takes a page in unless it is in already. */
function take(walks: Walks, page: number): boolean {
  if (walks.isReplay(at(page))) return false;
  walks.receive(at(page));
  return true;
}

describe('the walks of a table', () => {
  it('stores no position before all earlier pages are in', () => {
    const walks = new Walks();
    walks.receive(at(1));
    walks.receive(at(2));
    expect(walks.positions()).to.deep.equal([]);
    walks.receive(at(0));
    expect(walks.positions()).to.deep.equal([at(2)]);
  });

  it('needs the first page of a walk of which pages come, until that is in', () => {
    const walks = new Walks();
    expect([walks.expect('w'), walks.expect('w')]).to.deep.equal([true, false]);
    const other = new Walks(walks.changes());
    expect(other.isEmpty).to.equal(false);
    expect(other.restart('w')).to.deep.equal({});
    expect(take(other, 0)).to.equal(true);
    expect(other.restart('w')).to.deep.equal({ position: at(0) });
  });

  it('takes several parts of one page', () => {
    const walks = new Walks();
    expect([take(walks, 0), take(walks, 0)]).to.deep.equal([true, true]);
  });

  it('skips what is in when a walk starts again, in this process or in another', () => {
    const walks = new Walks();
    for (const page of [0, 1, 3]) walks.receive(at(page));
    const other = new Walks(walks.changes());
    for (const each of [walks, other]) {
      expect(each.restart('w')).to.deep.equal({ position: at(1) });
      expect([2, 3, 4].map((page) => take(each, page))).to.deep.equal([true, false, true]);
      expect(each.positions()).to.deep.equal([at(4)]);
    }
  });

  it('passes over a page that an operator dropped, once the walk is a thousand pages on', () => {
    const walks = new Walks();
    for (let page = 0; page < 5000; page += 1) if (page % 700 !== 3) walks.receive(at(page));
    expect(walks.positions()[0]!.page).to.be.within(3500, 4902);
    expect(walks.changes()[0]!.beyond!.length).to.be.lessThan(1001);
  });

  it('skips the pages that came early when they come again, also after the walk has come to its end', () => {
    const first = new Walks();
    const last = { walk: 'w', page: 3, next: null };
    for (const position of [at(0), at(2), last]) first.receive(position);
    const walks = new Walks(first.changes());
    expect(walks.restart('w')).to.deep.equal({ position: at(0) });
    // The page that was missing: with it all are in, and a commit says so.
    expect(take(walks, 1)).to.equal(true);
    expect(walks.changes()).to.deep.equal([{ walk: 'w', position: last }]);
    expect([2, 3].map((page) => take(walks, page))).to.deep.equal([false, false]);
    expect(take(walks, 1), 'another part of the page').to.equal(true);
    const other = new Walks([{ walk: 'w', position: last }]);
    expect([0, 1, 2, 3].map((page) => take(other, page))).to.deep.equal([false, false, false, false]);
  });

  it('knows of finished walks that they are, and lists the last hundred', () => {
    const walks = new Walks();
    const last = (name: string) => ({ walk: name, page: 0, next: null });
    for (let number = 0; number < 1000; number += 1) {
      walks.receive(last(`w${number}`));
      if (number % 100 === 99) walks.changes();
    }
    expect(walks.positions()).to.deep.equal([...Array(100).keys()].map((number) => last(`w${900 + number}`)));
    expect(walks.isReplay(last('w3')), 'another part of its page').to.equal(false);
    expect(walks.restart('w3')).to.deep.equal({ position: last('w3') });
    expect(walks.isReplay(last('w3'))).to.equal(true);
    expect(walks.restart('other')).to.equal(undefined);
  });

  it('takes in pages after one that said it was the last', () => {
    const walks = new Walks();
    const page = (number: number) => ({ walk: 'w', page: number, next: null });
    walks.receive(page(0));
    walks.changes();
    walks.receive(page(1));
    expect(walks.changes()).to.deep.equal([{ walk: 'w', position: page(1) }]);
    expect(walks.restart('w')).to.deep.equal({ position: page(1) });
  });

  it('takes every page once, whatever their order and wherever the run is cut', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...Array(30).keys()], { minLength: 30 }),
        fc.nat(29),
        fc.boolean(),
        (order, cut, sameProcess) => {
          const first = new Walks();
          const taken = order.slice(0, cut).filter((page) => take(first, page));
          const second = sameProcess ? first : new Walks(first.changes());
          const from = second.restart('w')?.position?.page ?? -1;
          expect(taken).to.include.members([...Array(from + 1).keys()]);
          for (let page = from + 1; page < 30; page += 1) if (take(second, page)) taken.push(page);
          expect(taken.sort((a, b) => a - b)).to.deep.equal([...Array(30).keys()]);
          expect(second.positions()).to.deep.equal([at(29)]);
        },
      ),
    );
  });
});
