// The fake client behaves as the walk, retry and select expect of a client.
import { expect } from 'chai';
import { delay, lastValueFrom, of, toArray } from 'rxjs';
import { RequestError } from '../../lib/core/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { fakeClient, rowsOf } from '../../lib/testing/index.js';
import { retry } from '../../operators/retry.js';
import { select } from '../../operators/select.js';

describe('fakeClient', () => {
  const rows = [1, 2, 3, 4, 5].map((id) => ({ id }));
  const page = (from: unknown) => ({
    body: { data: rows.slice(Number(from ?? 0), Number(from ?? 0) + 2), total: rows.length },
  });

  it('feeds a walk', async () => {
    const client = fakeClient(({ params }) => page(params['offset']));
    const read = await lastValueFrom(pages(client, '/things', offset({ limit: 2 })).pipe(select('data'), toArray()));
    expect(read.flatMap((each) => each.rows)).to.deep.equal(rows);
    expect(client.requests.map(({ url, params }) => `${url} ${params['offset']}`)).to.deep.equal([
      '/things 0',
      '/things 2',
      '/things 4',
    ]);
  });

  it('fails as a client does, and is asked again for each attempt', async () => {
    const client = fakeClient(({ params }, before) =>
      before === 1 ? { status: 503, headers: { 'retry-after': '0' } } : page(params['offset']),
    );
    const chain = pages(client, '/things', offset({ limit: 2 })).pipe(
      retry({ initialDelay: 1 }),
      select('data'),
      toArray(),
    );
    expect((await lastValueFrom(chain)).flatMap((each) => each.rows)).to.deep.equal(rows);
    expect(client.requests).to.have.length(4);
    const failing = fakeClient(() => ({ status: 404, body: { error: 'gone' } }));
    const error = await lastValueFrom(failing.send(failing.prepare('/x'))).catch((caught) => caught);
    expect(error).to.be.instanceOf(RequestError);
    expect(error).to.include({ status: 404, transient: false, bodyStart: '{"error":"gone"}' });
  });

  it('answers later, from a promise or an observable', async () => {
    for (const answer of [Promise.resolve({ body: 1 }), of({ body: 1 }).pipe(delay(1))]) {
      const client = fakeClient(() => answer);
      expect((await lastValueFrom(client.send(client.prepare({ url: '/x', method: 'POST' })))).body).to.equal(1);
    }
  });
});

describe('rowsOf', () => {
  it('emits each list as a page, the last without a next one, and is cold', async () => {
    const source = rowsOf([{ id: 1 }], [], [{ id: 2 }]);
    for (const _ of [1, 2]) {
      const read = await lastValueFrom(source.pipe(toArray()));
      expect(read.map((each) => [each.rows.length, each.position.page, each.position.next])).to.deep.equal([
        [1, 0, 1],
        [0, 1, 2],
        [1, 2, null],
      ]);
    }
  });
});
