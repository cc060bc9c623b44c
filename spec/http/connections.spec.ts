// How the agents of a transport find a connection that is kept.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Connections } from '../../lib/http/connections.js';
import { client } from '../../lib/http/index.js';
import { ask, json } from './server.js';

const pem = (name: string) => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');
const [ca, cert, key] = [pem('ca.pem'), pem('server.pem'), pem('server.key')];

describe('kept connections', () => {
  it('are found without looking at the authorities that are trusted, which are many', async () => {
    for (const proxy of [false, 'http://127.0.0.1:3128'] as const) {
      const agent = await new Connections({ tls: { ca }, proxy }).agentFor(new URL('https://api.example.com'));
      const options = { ca, host: 'api.example.com', port: 443, secureEndpoint: true };
      expect(agent.getName(options)).to.contain('api.example.com:443').and.have.length.below(100);
    }
  });

  it('go through the proxy of the environment, which is read when another origin is asked than before', async () => {
    const kept = { ...process.env };
    try {
      const connections = new Connections({});
      const [one, other] = [new URL('http://one.example.com'), new URL('http://other.example.com')];
      const direct = await connections.agentFor(one);
      process.env['http_proxy'] = 'http://127.0.0.1:3128';
      expect(await connections.agentFor(one)).to.equal(direct);
      const proxied = await connections.agentFor(other);
      expect(proxied).not.to.equal(direct);
      expect(await connections.agentFor(one)).to.equal(proxied);
    } finally {
      process.env = kept;
    }
  });

  for (const sender of [{}, { fetch: 'node-fetch' }] as const)
    it(`are for one name of a server: ${sender.fetch ?? 'of the platform'}`, async () => {
      const names: (string | false | null)[] = [];
      const server = createServer({ cert, key }, (_, response) => json(response, {}));
      server.on('secureConnection', (socket) => names.push(socket.servername));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const api = client({ baseUrl: `https://127.0.0.1:${port}`, tls: { ca }, ...sender });
      try {
        for (const headers of [{ host: 'localhost' }, { host: 'localhost' }, {}, { host: 'localhost' }, {}])
          await ask(api, { url: '/', headers });
        expect(names).to.deep.equal(['localhost', false]);
      } finally {
        api.close();
        server.close();
      }
    });
});
