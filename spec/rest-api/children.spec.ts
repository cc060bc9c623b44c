import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Progress } from '../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';

describe('a run of resources that depend on each other', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-children-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  /** 10 posts on 5 pages, 3 comments of each on 2 pages. */
  async function posts(answers: Record<string, Answer | readonly Answer[]> = {}): Promise<RestApiConfig> {
    const comments = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [
        `GET /posts/${index + 1}/comments`,
        { records: [1, 2, 3].map((c) => ({ id: (index + 1) * 10 + c })), by: 'offset' as const, total: 'total' },
      ]),
    );
    api = await ScriptedApi.start(() => ({
      answers,
      listings: { 'GET /posts': { records: 10, by: 'offset', total: 'total' }, ...comments },
    }));
    return {
      client: {
        base_url: api.url,
        paginator: { type: 'offset', limit: 2 },
        retry: { initial_delay: 0, max_retries: 1 },
      },
      resource_defaults: { primary_key: 'id', write_disposition: 'merge', endpoint: { data_selector: 'data' } },
      resources: [
        'posts',
        { name: 'comments', endpoint: 'posts/{resources.posts.id}/comments', include_from_parent: ['id'] },
      ],
    };
  }

  const ids = async (table: string) =>
    (await firstRows(join(out, `${table}.parquet`), 1000)).map(({ id }) => Number(id)).sort((a, b) => a - b);
  const allComments = Array.from({ length: 10 }, (_, index) => [1, 2, 3].map((c) => (index + 1) * 10 + c)).flat();
  const asked = () => api!.asked.map(({ line }) => line);

  it('asks for the parent once, and writes both tables', async () => {
    const { receipts } = await restApi(await posts()).run({ out });
    expect(asked().filter((line) => line.startsWith('GET /posts?'))).to.have.length(5);
    expect(asked()).to.have.length(5 + 20);
    expect(await ids('posts')).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await ids('comments')).to.deep.equal(allComments);
    expect(receipts['posts']?.counts).to.include({ requests: 5, pages: 5, rows: 10 });
    expect(receipts['comments']?.counts).to.include({ requests: 20, pages: 20, rows: 30 });
  });

  it('asks for a parent that is not selected, and writes no table of it', async () => {
    const config = await posts();
    config.resources[0] = { name: 'posts', selected: false };
    const { receipts } = await restApi(config).run({ out });
    expect(Object.keys(receipts)).to.deep.equal(['comments']);
    expect(await readdir(out)).to.deep.equal(['comments.parquet']);
    expect(await ids('comments')).to.deep.equal(allComments);
  });

  it('goes on where it was cut short: finished children are not asked for again, and no row is lost', async () => {
    const broken = 'GET /posts/7/comments?limit=2&offset=2';
    const config = await posts({
      [broken]: [{ status: 500 }, { status: 500 }, { body: { data: [{ id: 73 }], total: 3 } }],
    });
    const error = await restApi(config)
      .run({ out })
      .catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'ERR_HTTP_STATUS');
    const first = asked().length;
    await restApi(config).run({ out });
    const again = asked().slice(first);
    expect(await ids('posts')).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await ids('comments')).to.deep.equal(allComments);
    expect(again.filter((line) => /posts\/[1-4]\/comments/.test(line))).to.deep.equal([]);
    expect(again.filter((line) => line.includes('/posts/7/'))).to.deep.equal([broken]);
  });

  it('starts children while the parent still pages, and holds the parent back for them', async () => {
    const config = await posts();
    config.client.concurrency = 1;
    let held = 0;
    const order: string[] = [];
    const onProgress = (resource: string | undefined, event: Progress) => {
      if (event.type !== 'page' || resource === undefined) return;
      order.push(resource);
      if (resource === 'posts') held += 2;
      else if (event.position.next === null) held -= 1;
      // Two pages wait, one is in work, and one was asked for before.
      expect(held).to.be.at.most(8);
    };
    await restApi(config).run({ out, onProgress });
    expect(order.indexOf('comments')).to.be.lessThan(order.lastIndexOf('posts'));
    expect(await ids('comments')).to.deep.equal(allComments);
  });

  it('works on as many rows of a parent at once as the configuration says', async () => {
    for (const concurrency of [1, 3]) {
      const config = await posts();
      config.client.concurrency = concurrency;
      let open = 0;
      let most = 0;
      const onProgress = (resource: string | undefined, event: Progress) => {
        if (resource !== 'comments') return;
        if (event.type === 'request') open += 1;
        if (event.type === 'response') open -= 1;
        most = Math.max(most, open);
      };
      await restApi(config).run({ out: join(out, String(concurrency)), onProgress });
      expect(most).to.be.at.most(concurrency);
      await api?.stop();
    }
  });

  it('stops with the error of a child, and leaves no request behind', async () => {
    const config = await posts({ 'GET /posts/3/comments': { status: 404 } });
    const error = await restApi(config)
      .run({ out })
      .catch((caught: unknown) => caught);
    expect(error).to.have.property('message').that.contains('/posts/3/comments').and.contains('404');
    const count = asked().length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked()).to.have.length(count);
  });
});
