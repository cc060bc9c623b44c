// Which texts count as dates, times and timestamps; and that DuckDB agrees on each of them.
import { expect } from 'chai';
import fc from 'fast-check';
import { temporalKind } from '../../lib/schema/temporal.js';
import { LogReader } from './log-reader.js';
import { instant } from './values.js';

const kinds: Readonly<Record<string, readonly string[]>> = {
  timestamp: [
    '2024-02-29T10:00:00Z',
    '2024-02-29 10:00:00',
    '2024-02-29T10:00:00.1',
    '2024-02-29T10:00:00.123456+02:00',
    '2024-02-29T10:00:00.1234560Z',
    '2024-02-29T10:00:00.123456000Z',
    '2024-02-29T10:00:00.000+0000',
    '2024-02-29T10:00:00-07',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999',
    '2000-02-29T00:00:00Z',
  ],
  date: ['2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29'],
  time: ['00:00:00', '23:59:59.999999', '10:00:00.5', '10:00:00.1234560'],
};

const others = [
  '',
  '2023-02-29',
  '1900-02-29',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '2024-04-31',
  '0000-01-01',
  '2024-1-01',
  '20240101',
  '2024-01-01T',
  '2024-01-01T10:00Z',
  '2024-01-01T10:00:00z',
  '2024-01-01t10:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T23:59:60Z',
  '2024-01-01T10:60:00Z',
  '2024-01-01T10:00:00.Z',
  '2024-01-01T10:00:00.1234567Z',
  '2024-01-01T10:00:00.1234560000Z',
  '2024-01-01T10:00:00,5Z',
  '2024-01-01T10:00:00+2:00',
  '2024-01-01T10:00:00+02:60',
  '2024-01-01T10:00:00+16:00',
  '2024-01-01T10:00:00+02:00 ',
  '2024-01-01T10:00:00ZZ',
  '2024-01-01T10:00:00 UTC',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:00:00-14:00',
  '2024-02-30T10:00:00Z',
  '+2024-01-01',
  '24:00:00',
  '23:59:60',
  '10:00',
  '1:00:00',
  '10:00:00Z',
  '10:00:00.',
  '10-00-00',
  '２０２４-01-01',
];

describe('temporalKind', () => {
  for (const [kind, texts] of Object.entries(kinds)) {
    for (const text of texts) it(`takes ${text} for a ${kind}`, () => expect(temporalKind(text)).to.equal(kind));
  }
  for (const text of others) it(`takes "${text}" for text`, () => expect(temporalKind(text)).to.equal(undefined));

  describe('in DuckDB', () => {
    let reader: LogReader;
    before(async () => {
      reader = await LogReader.open();
    });
    after(() => reader.close());

    it('casts whatever it recognises, to the same instant, and never fails', async () => {
      const digit = fc.constantFrom(...'0012345678999');
      const two = fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 13 }) },
        { weight: 1, arbitrary: fc.integer({ min: 14, max: 61 }) },
      );
      const pair = two.map((number) => String(number).padStart(2, '0'));
      const text = fc
        .tuple(
          fc.constantFrom('', 'date', 'both', 'both', 'both'),
          fc.oneof(
            fc.constantFrom('0000', '0001', '1582', '1970', '2024', '9999'),
            fc.integer({ min: 1000, max: 9999 }).map(String),
          ),
          pair,
          fc.oneof(pair, fc.integer({ min: 27, max: 32 }).map(String)),
          fc.constantFrom('T', ' '),
          pair,
          pair,
          pair,
          fc.array(digit, { maxLength: 10 }).map((digits) => (digits.length > 0 ? `.${digits.join('')}` : '')),
          fc.oneof(
            fc.constantFrom('', 'Z', '+02', '-0730', '+15:59'),
            fc.tuple(fc.constantFrom('+', '-'), pair, pair).map(([sign, h, m]) => `${sign}${h}:${m}`),
          ),
        )
        .map(([form, year, month, day, separator, h, m, s, fraction, zone]) => {
          const date = `${year}-${month}-${day}`;
          const time = `${h}:${m}:${s}${fraction}`;
          return form === 'date' ? date : form === 'both' ? `${date}${separator}${time}${zone}` : time;
        });
      const names = { timestamp: 'TIMESTAMPTZ', date: 'DATE', time: 'TIME' };
      let recognised = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 20 }), async (texts) => {
          const casts = texts.flatMap((each) => {
            const kind = temporalKind(each);
            return kind ? [{ each, sql: `CAST(CAST('${each}' AS ${names[kind]}) AS VARCHAR)` }] : [];
          });
          if (casts.length === 0) return;
          recognised += casts.length;
          const [row] = await reader.query(`SELECT ${casts.map(({ sql }, i) => `${sql} AS c${i}`).join(', ')}`);
          casts.forEach(({ each }, i) => {
            const read = String(row![`c${i}`]);
            const trimmed = each.replace(/(\.\d{6})0+/, '$1');
            if (instant(read) !== instant(trimmed))
              expect(read).to.equal(trimmed.replace(/\.?0+$/, (end) => (each.includes('.') ? '' : end)));
          });
        }),
        { numRuns: 150 },
      );
      expect(recognised).to.be.greaterThan(300);
    });
  });
});
