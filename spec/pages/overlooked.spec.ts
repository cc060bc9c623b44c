// A paginator whose place is mistyped ends after the first page, as one does whose API has a single page: where the page says otherwise, a note tells.
import { expect } from 'chai';
import { withFlow } from '../../lib/core/index.js';
import { cursor, headerCursor, headerLink, jsonLink, type Paginator, pages } from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow, WithHeaders } from './fake-api.js';

function notesOf(body: object, paginator: Paginator): string {
  const flow = fakeFlow();
  const api = fakeApi(() => body);
  const seen = withFlow(flow, () => collect(pages(api, '/a', paginator)));
  expect(seen.completed).to.equal(true);
  return flow.notes.join('\n');
}

const data = [{ id: 1 }, { id: 2 }];

describe('a next page that is overlooked', () => {
  const mistyped: readonly (readonly [string, object, Paginator, string])[] = [
    ['a cursor', { data, meta: { next_cursor: 'b' } }, cursor({ cursorPath: 'meta.next_cursr' }), 'meta.next_cursor'],
    ['a link', { data, links: { next: 'https://api.example.com/a?page=2' } }, jsonLink(), 'links.next'],
    ['a header with links', { data, next: 'https://api.example.com/a?page=2' }, headerLink(), '"next"'],
    ['a header with a cursor', { data, next_token: 'b' }, headerCursor({ cursorKey: 'x-next' }), 'next_token'],
  ];
  for (const [what, body, paginator, place] of mistyped) {
    it(`is told where ${what} is looked for in another place`, () => {
      expect(notesOf(body, paginator)).to.include(place).and.to.include('check the paginator');
    });
  }

  it('is told where the header has links, and none of the name that is looked for', () => {
    const linked = (link: string) => new WithHeaders(data, { link });
    const more = '<https://api.example.com/a?page=2>; rel="next"';
    expect(notesOf(linked(more), headerLink({ linksNextKey: 'nxt' }))).to.include(
      'no link rel="nxt" in the header Link',
    );
    expect(notesOf(linked('<https://api.example.com/a>; rel="first"'), headerLink())).to.equal('');
  });

  it('is not told where the page says the end, or has no records', () => {
    expect(notesOf({ data, meta: { next: null } }, cursor({ cursorPath: 'meta.next' }))).to.equal('');
    expect(notesOf({ data, total: 2 }, cursor({ cursorPath: 'meta.next' }))).to.equal('');
    expect(notesOf({ data: [], meta: { next_cursor: 'b' } }, cursor())).to.equal('');
    expect(notesOf({ data, next_cursor: 'b', more: false }, cursor({ cursorPath: 'x', hasMorePath: 'more' }))).to.equal(
      '',
    );
  });
});
