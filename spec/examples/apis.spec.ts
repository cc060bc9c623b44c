// The configurations of examples/apis against their recorded pages, through two runs: every request is one that was recorded, every
// table has the rows that it should, and the second run asks for what changed only.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { credentials } from '../../examples/apis/credentials.js';
import { type Replay, startReplay } from '../../examples/apis/replay.js';
import { firstRows } from '../../lib/cli/first-rows.js';
import { type RestApiConfig, type RestApiSource, restApi } from '../../lib/index.js';

const folder = fileURLToPath(new URL('../../examples/apis/', import.meta.url));

interface Counts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** What each table's two runs come to. */
const expected: Readonly<Record<string, Readonly<Record<string, readonly [first: number, second: Counts]>>>> = {
  github: {
    repos: [3, { inserted: 0, updated: 0, unchanged: 3 }],
    issues: [5, { inserted: 1, updated: 1, unchanged: 1 }],
  },
  stripe: {
    customers: [3, { inserted: 0, updated: 0, unchanged: 3 }],
    charges: [5, { inserted: 2, updated: 0, unchanged: 1 }],
    refunds: [0, { inserted: 0, updated: 0, unchanged: 0 }],
  },
  hubspot: {
    contacts: [3, { inserted: 0, updated: 0, unchanged: 3 }],
    deals: [4, { inserted: 0, updated: 1, unchanged: 1 }],
  },
  mediawiki: {
    pages: [3, { inserted: 0, updated: 0, unchanged: 3 }],
    changes: [3, { inserted: 1, updated: 0, unchanged: 1 }],
  },
  odata: {
    customers: [2, { inserted: 0, updated: 0, unchanged: 2 }],
    orders: [3, { inserted: 0, updated: 1, unchanged: 1 }],
    order_lines: [3, { inserted: 0, updated: 0, unchanged: 3 }],
  },
};

describe('examples of well-known APIs', () => {
  let out: string;
  let api: Replay;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-apis-'));
  });
  afterEach(async () => {
    api.stop();
    await rm(out, { recursive: true, force: true });
  });

  async function open(name: string): Promise<RestApiSource> {
    api = await startReplay(name);
    const config = JSON.parse(await readFile(join(folder, name, `${name}.json`), 'utf8')) as RestApiConfig;
    return restApi({ ...config, client: { ...config.client, base_url: api.url } }, { secrets: credentials });
  }

  it('are all here', async () => {
    api = await startReplay('github');
    const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name)).to.have.members(Object.keys(expected));
  });

  for (const [name, tables] of Object.entries(expected)) {
    it(`${name}: reads all, and then what changed`, async () => {
      const source = await open(name);
      const first = await source.run({ out });
      for (const [table, [rows]] of Object.entries(tables)) {
        expect(first.receipts[table], table).to.include({ inserted: rows, total: rows, duplicates: 0 });
      }
      const asked = api.asked.length;
      const second = await source.run({ out });
      for (const [table, [rows, counts]] of Object.entries(tables)) {
        expect(second.receipts[table], table).to.include({ ...counts, total: rows + counts.inserted });
      }
      expect(api.asked.length - asked).to.be.below(asked);
    });
  }

  it('github: issues know their repository, and pull requests are none', async () => {
    await (await open('github')).run({ out });
    const issues = await firstRows(join(out, 'issues.parquet'), 9);
    expect(issues.map(({ number, _repos_name }) => [Number(number), _repos_name])).to.have.deep.members([
      [1, 'lamp'],
      [3, 'lamp'],
      [4, 'lamp'],
      [5, 'lamp'],
      [6, 'foghorn'],
    ]);
  });

  it('hubspot: properties are columns', async () => {
    await (await open('hubspot')).run({ out });
    const [contact] = await firstRows(join(out, 'contacts.parquet'), 1);
    expect(contact)
      .to.include({ id: '101', email: 'k1@example.org', lastname: null })
      .and.not.have.property('properties');
  });

  it('odata: lines of orders are a table of their own', async () => {
    await (await open('odata')).run({ out });
    const lines = await firstRows(join(out, 'order_lines.parquet'), 9);
    expect(lines.map(({ OrderID, LineNo }) => `${OrderID}.${LineNo}`)).to.have.members([
      '10201.1',
      '10202.1',
      '10202.2',
    ]);
    expect((await firstRows(join(out, 'orders.parquet'), 1))[0]).to.not.have.any.keys('Lines', '@odata.etag');
  });
});
