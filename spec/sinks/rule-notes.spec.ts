// What a receipt says of columns that the rules of a table name.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from './parquet-file.js';

const merge = { primaryKey: 'id', writeDisposition: 'merge' } as const;

describe('notes on the columns of rules', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-notes-'));
    file = join(folder, 'things.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('say that no row has a column that dedupSort or hardDelete names, and nothing when one has it', async () => {
    const rules = { ...merge, dedupSort: { column: 'updatedat', order: 'desc' }, hardDelete: 'gone.at' } as const;
    const { notes } = await load(file, [[{ id: 1, updated_at: 1 }]], rules);
    expect(notes).to.have.lengthOf(2);
    expect(notes[0]).to.include('the column "updatedat", which dedupSort names');
    expect(notes[1]).to.include('the column "gone.at", which hardDelete names');
    const later = await load(file, [[{ id: 2, updatedat: 1, gone: { at: null } }]], rules);
    expect(later.notes).to.deep.equal([]);
    const appended = { hardDelete: 'gone', writeDisposition: 'append' } as const;
    expect((await load(join(folder, 'other.parquet'), [[{ id: 1 }]], appended)).notes).to.deep.equal([]);
  });

  it('say that a key of instants has become one of texts', async () => {
    const first = await load(file, [[{ id: '2024-01-01T00:00:00.000Z' }]], merge);
    expect(first.notes).to.deep.equal([]);
    const { notes } = await load(file, [[{ id: 'none' }]], merge);
    expect(notes).to.have.lengthOf(1);
    expect(notes[0]).to.match(/^The key column "id" of the table "things" holds texts from now on/);
    expect((await load(file, [[{ id: 'some' }]], merge)).notes).to.deep.equal([]);
  });
});
