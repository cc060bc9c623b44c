// The text of a body: whichever way is taken, it is the one that the platform's decoder would give.
import { expect } from 'chai';
import { decodeText } from '../../lib/http/read-body.js';

describe('the text of a body', () => {
  const bodies: readonly [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['ASCII', Buffer.from('{"a":1}')],
    ['letters with accents', Buffer.from('{"a":"é"}')],
    ['signs of two units', Buffer.from('a\u0000b 漢🙂')],
    ['more than a megabyte', Buffer.from('漢é🙂a'.repeat(150_000))],
    ['a sign that is cut', Buffer.from('a漢').subarray(0, -1)],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x62])],
    ['half of a pair', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62])],
    ['a sign written too long', Buffer.from([0xc0, 0xaf, 0x62])],
  ];
  for (const [name, bytes] of bodies) {
    it(`is the same for ${name}, also inside of larger memory and behind a byte order mark`, () => {
      const text = bytes.toString('utf8');
      expect(decodeText(bytes, '') === text).to.equal(true);
      // At an odd place, which units of two bytes do not begin at.
      const inside = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]).subarray(3, -1);
      expect(decodeText(inside, 'application/json; charset=utf-8') === text).to.equal(true);
      const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
      expect(decodeText(marked, 'text/plain; charset=latin1') === text).to.equal(true);
    });
  }
});
