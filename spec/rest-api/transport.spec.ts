// Which transport sends the requests of a configuration: what the option fetch of restApi says.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { type RestApiOptions, restApi } from '../../lib/rest-api/index.js';

describe('the transport of a configuration', () => {
  const firstHeader = async (options: RestApiOptions): Promise<string | undefined> => {
    const names: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      names.push(request.rawHeaders[0]);
      response.setHeader('content-type', 'application/json').end('[{"id":1}]');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = { base_url: url, headers: { 'a-own': '1' }, paginator: 'single_page' } as const;
      const { resources } = restApi({ client, resources: ['rows'] }, options);
      await lastValueFrom(resources['rows']!.pipe(toArray()));
      return names[0];
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };

  it('is that of the platform, or node-fetch, which sorts the headers by their names', async () => {
    expect(await firstHeader({})).to.equal('accept');
    expect(await firstHeader({ fetch: 'node-fetch' })).to.equal('a-own');
  });
});
