// The state of a resource: what of a file counts, whoever wrote it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { StateFile } from '../../lib/rest-api/incremental/state-file.js';
import { TableFile } from '../../lib/rest-api/table-file.js';
import { load } from '../sinks/parquet-file.js';

describe('the state of a resource', () => {
  let out: string;
  let file: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-state-'));
    file = join(out, '.sluice', 'state', 'rows.json');
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  const cursor = { path: 'at', direction: 'max' } as const;
  const state = (last: number) => ({ last, seen: [] });
  const open = (now: { path: string; direction: 'max' | 'min' } = cursor) =>
    StateFile.open({ out, resource: 'rows', table: new TableFile(out, 'rows'), cursor: now });
  const write = async (content: unknown): Promise<void> => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  };
  const publish = async (): Promise<string> => (await load(join(out, 'rows.parquet'), [[{ id: 1 }]])).loadId;
  const failureOf = async (promise: Promise<unknown>): Promise<{ code: string; message: string }> =>
    promise.then(
      () => expect.fail('it should have failed'),
      (error: { code: string; message: string }) => error,
    );

  it('is what was committed', async () => {
    const loadId = await publish();
    const first = await open();
    await first.prepare(state(7), loadId);
    await first.commit();
    expect((await open()).state).to.deep.equal(state(7));
    expect(JSON.parse(await readFile(file, 'utf8'))).to.deep.equal({ version: 2, cursor, state: state(7) });
    expect(await readdir(dirname(file))).to.deep.equal(['rows.json']);
  });

  it('counts as soon as its load is applied to the table, also when other loads came after that', async () => {
    await publish();
    const first = await open();
    await first.prepare(state(1), 'a load that never came');
    expect((await open()).state).to.equal(undefined);
    const applied = await publish();
    await first.prepare(state(2), applied);
    expect((await open()).state).to.deep.equal(state(2));
    for (let i = 0; i < 3; i += 1) await publish();
    expect((await open()).state).to.deep.equal(state(2));
  });

  it('counts for nothing without its table', async () => {
    await publish();
    const first = await open();
    await first.prepare(state(7), 'x');
    await first.commit();
    await rm(join(out, 'rows.parquet'));
    expect((await open()).state).to.equal(undefined);
  });

  it('is read from a file of version 1, and written as one of this version', async () => {
    const loadId = await publish();
    await write({ version: 1, state: state(3) });
    expect((await open()).state).to.deep.equal(state(3));
    await write({ version: 1, state: state(3), pending: { state: state(4), after: loadId } });
    expect((await open()).state).to.deep.equal(state(3));
    await publish();
    const second = await open();
    expect(second.state).to.deep.equal(state(4));
    await second.prepare(state(5), await publish());
    await second.commit();
    expect(JSON.parse(await readFile(file, 'utf8'))).to.deep.equal({ version: 2, cursor, state: state(5) });
  });

  for (const other of [
    { path: 'changed', direction: 'max' },
    { path: 'at', direction: 'min' },
  ] as const) {
    it(`is left out when the cursor is another one now, and says so: ${other.path} ${other.direction}`, async () => {
      const loadId = await publish();
      const first = await open();
      await first.prepare(state(7), loadId);
      await first.commit();
      const second = await open(other);
      expect(second.state).to.equal(undefined);
      expect(second.unfit).to.include('"at" (max)').and.include(`"${other.path}" (${other.direction})`);
      expect((await open()).unfit).to.equal(undefined);
    });
  }

  it('is refused when a newer version wrote it, or when it is damaged', async () => {
    await write({ version: 3 });
    expect(await failureOf(open())).to.include({ code: 'ERR_STATE_VERSION' });
    for (const text of ['{"version":', 'null', '7', '']) {
      await write(text);
      const error = await failureOf(open());
      expect(error.code, text).to.equal('ERR_STATE_CORRUPT');
      expect(error.message).to.include(file).and.include('Remove it');
    }
  });

  it('says what to do when it cannot be written', async () => {
    const loadId = await publish();
    const first = await open();
    await rm(join(out, '.sluice'), { recursive: true, force: true });
    await writeFile(join(out, '.sluice'), 'a file');
    const error = await failureOf(first.prepare(state(1), loadId));
    expect(error.code).to.equal('ERR_STATE_IO');
    expect(error.message).to.match(/output folder/);
  });
});
