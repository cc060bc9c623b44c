// What is remembered of a source: shown, forgotten, set.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { recordCalls } from '../faults/crash/recording-disk.js';
import { ScriptedApi } from '../golden/scripted-api.js';

describe('the state of a source', () => {
  let out: string;
  let api: ScriptedApi;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-state-'));
    const records = [1, 2, 3].map((id) => ({ id, at: `2024-0${id}-01` }));
    api = await ScriptedApi.start(() => ({ answers: { 'GET /e': { body: records }, 'GET /n': { body: records } } }));
  });
  afterEach(async () => {
    await api.stop();
    await rm(out, { recursive: true, force: true });
  });

  const source = () => restApi(config());
  const config = (): RestApiConfig => ({
    client: { base_url: api.url, paginator: 'single_page' },
    resources: [
      { name: 'e', endpoint: { data_selector: '$', incremental: { cursor_path: 'at', start_param: 'from' } } },
      {
        name: 'n',
        endpoint: { data_selector: '$', incremental: { cursor_path: 'id', start_param: 'after', initial_value: 0 } },
      },
      { name: 'plain', endpoint: { path: 'e', data_selector: '$' } },
    ],
  });
  const asked = () => api.asked.map(({ line }) => line);

  it('shows how far each cursor has come', async () => {
    const state = source().state({ out });
    expect((await state.show()).map(({ resource, last }) => [resource, last])).to.deep.equal([
      ['e', undefined],
      ['n', undefined],
    ]);
    await source().run({ out });
    const [e, n] = await state.show();
    expect(e).to.deep.include({ resource: 'e', cursorPath: 'at', last: '2024-03-01', rowsAtLast: 1 });
    expect(n).to.deep.include({ resource: 'n', cursorPath: 'id', last: 3, rowsAtLast: 1 });
  });

  it('forgets one resource, and leaves the others alone', async () => {
    await source().run({ out });
    await source().state({ out }).reset('e');
    await source().run({ out });
    expect(asked().slice(3)).to.have.members(['GET /e', 'GET /e', 'GET /n?after=3']);
  });

  it('forgets a state that is damaged', async () => {
    await source().run({ out });
    const state = source().state({ out });
    const [e] = await state.show();
    await writeFile(e!.file, '{');
    await state.reset('e');
    expect((await state.show())[0]?.last).to.equal(undefined);
  });

  it('is set to a value before the first run and after it, with the type of the cursor', async () => {
    const state = source().state({ out });
    expect(await state.set('e', '2024-02-01')).to.equal('2024-02-01');
    expect(await state.set('n', '2')).to.equal(2);
    await source().run({ out });
    expect(asked().slice(0, 3)).to.have.members(['GET /e?from=2024-02-01', 'GET /e', 'GET /n?after=2']);
    expect((await state.show()).map(({ last }) => last)).to.deep.equal(['2024-03-01', 3]);
    await state.set('n', 1);
    await source().run({ out });
    expect(asked().slice(3)).to.have.members(['GET /e?from=2024-03-01', 'GET /e', 'GET /n?after=1']);
  });

  for (const format of ['parquet', 'duckdb'] as const) {
    it(`is not changed while a run writes the table of ${format}: the error names the run`, async () => {
      const state = source().state({ out, format });
      await state.set('e', '2024-02-01');
      let tried: unknown[] = [];
      const slow = restApi(
        { ...config(), resources: config().resources.slice(0, 2) },
        {
          fetch: async (url, init) => {
            tried = await Promise.all(
              [state.set('e', '2024-03-01'), state.reset('e')].map((each) => each.catch((error) => error)),
            );
            return (await fetch(url, init as RequestInit)) as never;
          },
        },
      );
      await slow.run({ out, format });
      expect(tried).to.have.length(2);
      for (const error of tried) {
        expect(error).to.include({ code: 'ERR_STAGE_LOCKED' });
        expect((error as Error).message).to.contain(`process ${process.pid}`);
      }
      await state.reset('e');
      expect((await state.show())[0]?.last).to.equal(undefined);
    });
  }

  it('is, after a kill, that of the tables which came to their places, or were about to', async () => {
    const grown = await ScriptedApi.start(() => ({
      answers: {
        'GET /e?from=2024-03-01': { body: [{ id: 9, at: '2024-09-01' }] },
        'GET /n?after=3': { body: [{ id: 9 }] },
      },
    }));
    try {
      const [e, n] = config().resources as [object, object];
      const appended = (url: string) =>
        restApi({
          client: { base_url: url, paginator: 'single_page' },
          resources: [e, n].map((each) => ({ ...each, write_disposition: 'append' })),
        } as RestApiConfig);
      await appended(api.url).run({ out });
      const again = () => appended(grown.url).run({ out });
      const { trace, moments } = await recordCalls(out, again, { wanted: () => true });
      const second = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('n.parquet'));
      expect(second).to.be.above(0);
      const image = await mkdtemp(join(out, 'image-'));
      await moments[second]!.image('killed').write(image);
      const shown = await appended(grown.url).state({ out: image }).show();
      expect(shown.map(({ last }) => last)).to.deep.equal(['2024-09-01', 9]);
    } finally {
      await grown.stop();
    }
  });

  it('knows only resources that have a cursor', async () => {
    const state = source().state({ out });
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error) => error.message,
      );
    expect(await failure(state.reset('plain'))).to.contain('has no "incremental"');
    expect(await failure(state.set('m', 1))).to.contain('there is no resource "m"');
  });
});
