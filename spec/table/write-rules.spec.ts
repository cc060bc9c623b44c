// What options may say of how rows come into a table, and what they are told when they contradict themselves.
import { expect } from 'chai';
import { columnPolicy } from '../../lib/schema/index.js';
import { type WriteOptions, writeRules } from '../../lib/table/index.js';

const rules = (options: WriteOptions) => writeRules(options, [], 'things');
const merge = (strategy: string, more: object = {}): WriteOptions =>
  ({ primaryKey: 'id', writeDisposition: { disposition: 'merge', strategy, ...more } }) as WriteOptions;

function failure(options: unknown): { code: string; message: string } {
  try {
    rules(options as WriteOptions);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it should have been refused');
}

describe('the rules of writing', () => {
  it('append when nothing is said', () => {
    expect(rules({})).to.include({
      disposition: 'append',
      deleteMissing: 'keep',
      nullKeys: 'error',
      deduplicated: false,
    });
  });

  it('take instants in many forms, and those without an offset for UTC', () => {
    const boundary = (given: string | Date) => rules(merge('scd2', { boundaryTimestamp: given })).validity?.boundary;
    expect(boundary('2024-02-01')).to.equal('2024-02-01T00:00:00.000Z');
    expect(boundary('2024-02-01 12:00:00')).to.equal('2024-02-01T12:00:00.000Z');
    expect(boundary('2024-02-01T12:00:00')).to.equal('2024-02-01T12:00:00.000Z');
    expect(boundary('2024-02-01T12:00:00+02:00')).to.equal('2024-02-01T10:00:00.000Z');
    expect(boundary(new Date(0))).to.equal('1970-01-01T00:00:00.000Z');
  });

  it('are taken from the hints of columns', () => {
    const columns = columnPolicy({
      columns: {
        id: { primary_key: true },
        day: { merge_key: true },
        gone: { hard_delete: true },
        version: { dedup_sort: 'asc' },
      },
    });
    expect(writeRules({ writeDisposition: 'merge' }, columns.hints, 'things')).to.deep.include({
      primaryKey: ['id'],
      mergeKey: ['day'],
      hardDelete: 'gone',
      dedupSort: { column: 'version', order: 'asc' },
    });
  });

  const wrong: readonly (readonly [what: string, options: unknown, code: string, message: RegExp])[] = [
    ['an unknown disposition', { writeDisposition: 'upsert' }, 'ERR_INVALID_OPTION', /there is no "upsert"/],
    ['a number for a disposition', { writeDisposition: 5 }, 'ERR_INVALID_OPTION', /must be append, replace, merge/],
    ['an unknown strategy', merge('scd1'), 'ERR_INVALID_OPTION', /delete-insert, upsert, insert-only, scd2/],
    [
      'an option of another strategy',
      merge('upsert', { deduplicated: true }),
      'ERR_INVALID_OPTION',
      /upsert has no such option/,
    ],
    [
      'a strategy for append',
      { writeDisposition: { disposition: 'append', strategy: 'upsert' } },
      'ERR_INVALID_OPTION',
      /is for merge/,
    ],
    ['a merge without a key', { writeDisposition: 'merge' }, 'ERR_TABLE_NO_KEY', /primaryKey: 'id'/],
    [
      'upsert by a merge key alone',
      { ...merge('upsert'), primaryKey: [], mergeKey: 'day' },
      'ERR_INVALID_OPTION',
      /goes by the primary key/,
    ],
    [
      'insert-only without a primary key',
      { ...merge('insert-only'), primaryKey: [] },
      'ERR_TABLE_NO_KEY',
      /primaryKey/,
    ],
    ['one validity column', merge('scd2', { validityColumnNames: ['since'] }), 'ERR_INVALID_OPTION', /two columns/],
    [
      'validity columns of one name',
      merge('scd2', { validityColumnNames: ['at', 'AT'] }),
      'ERR_INVALID_OPTION',
      /two columns/,
    ],
    [
      'no instant',
      merge('scd2', { activeRecordTimestamp: 'never' }),
      'ERR_INVALID_OPTION',
      /must be an instant .* not never/,
    ],
    ['missing rows of an append', { deleteMissing: 'hard' }, 'ERR_INVALID_OPTION', /append knows no row again/],
    ['missing rows of scd2', { ...merge('scd2'), deleteMissing: 'soft' }, 'ERR_INVALID_OPTION', /by itself/],
    [
      'missing rows of insert-only',
      { ...merge('insert-only'), deleteMissing: 'soft' },
      'ERR_INVALID_OPTION',
      /changes no row/,
    ],
    [
      'missing rows without a primary key',
      { writeDisposition: 'merge', mergeKey: 'day', deleteMissing: 'hard' },
      'ERR_TABLE_NO_KEY',
      /primaryKey/,
    ],
    ['another way of missing', { ...merge('upsert'), deleteMissing: 'drop' }, 'ERR_INVALID_OPTION', /keep, soft, hard/],
    [
      'another mode of missing',
      { ...merge('upsert'), deleteMissing: { mode: 'hard' } },
      'ERR_INVALID_OPTION',
      /Give soft/,
    ],
    ['another way of NULL', { ...merge('upsert'), nullKeys: 'skip' }, 'ERR_INVALID_OPTION', /error, group/],
    [
      'an order that is none',
      { ...merge('upsert'), dedupSort: { column: 'n', order: 'up' } },
      'ERR_INVALID_OPTION',
      /asc, desc/,
    ],
    ['a key that is no name', { ...merge('upsert'), primaryKey: [''] }, 'ERR_INVALID_OPTION', /name of a column/],
    ['a key with a column twice', { ...merge('upsert'), primaryKey: ['id', 'id'] }, 'ERR_INVALID_OPTION', /twice/],
  ];
  for (const [what, options, code, message] of wrong) {
    it(`refuse ${what}`, () => {
      const error = failure(options);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
    });
  }

  it('refuse two columns where one is meant', () => {
    const two = (hint: object) => columnPolicy({ columns: { a: hint, b: hint } }).hints;
    for (const hint of [{ hard_delete: true }, { dedup_sort: 'asc' }])
      expect(() => writeRules({}, two(hint), 'things')).to.throw(/only one column can .*: a, b/);
  });
});
