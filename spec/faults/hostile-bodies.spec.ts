// Bodies that are made to do harm, from the socket into the Parquet file: the right rows, or a clear error; nothing polluted, no stack lost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { client, pages, type Receipt, run, SluiceError, singlePage } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { serve } from '../http/server.js';
import { readRows } from '../sinks/parquet-file.js';

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const object = (keys: number) => `{${Array.from({ length: keys }, (_, index) => `"k${index}":1`).join(',')}}`;
const page = (record: string) => `{"data":[{"id":1,${record}}]}`;

describe('hostile bodies', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-hostile-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const path = () => join(folder, 'rows.parquet');
  const load = async (body: string): Promise<Receipt> => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    );
    const api = client({ baseUrl: server.url });
    try {
      return await run(pages(api, '/rows', singlePage()).pipe(retry(), select('data'), parquet(path())));
    } finally {
      api.close();
      await server.close();
    }
  };

  it('with __proto__, constructor and toString as names pollute nothing, and keep their values', async () => {
    const { schema } = await load(
      page('"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":"x"'),
    );
    expect({}).to.not.have.property('polluted');
    expect(Object.prototype).to.not.have.property('polluted');
    expect(schema.map(({ name }) => name)).to.deep.equal(['id', '__proto__', 'constructor', 'toString']);
    const [row] = await readRows(path(), 'toString AS text, "__proto__".polluted AS one');
    expect([row!['text'], Number(row!['one'])]).to.deep.equal(['x', 1]);
  });

  it('nested a thousand levels deep are loaded', async () => {
    expect((await load(page(`"x":${nested(1000)}`))).total).to.equal(1);
  });

  it('nested a hundred thousand levels deep are an error with a code', async () => {
    const error = await load(page(`"x":${nested(100_000)}`)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SluiceError);
    expect((error as Error).message).to.match(/deep/);
  });

  it('with a million keys beside the records are loaded', async () => {
    expect((await load(`{"data":[{"id":1}],"meta":${object(1_000_000)}}`)).total).to.equal(1);
  });

  it('with a hundred thousand keys in one record are loaded', async () => {
    expect((await load(page(`"x":${object(100_000)}`))).total).to.equal(1);
  });

  it('with lone surrogates and zero bytes are loaded', async () => {
    const receipt = await load(page('"x":"a\\ud800b","y":"\\udc00","z":"a\\u0000b"'));
    expect(receipt.total).to.equal(1);
    const [row] = await readRows(path());
    expect([row!['x'], row!['z']]).to.deep.equal(['a\ufffdb', 'a\0b']);
  });

  it('with a name a hundred thousand characters long are loaded', async () => {
    expect((await load(page(`"${'k'.repeat(100_000)}":1`))).total).to.equal(1);
  });
});
