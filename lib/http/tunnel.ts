// A tunnel through a proxy to a server that speaks https.
import type { ClientRequest } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { HttpsProxyAgent, type HttpsProxyAgentOptions } from 'https-proxy-agent';

type Target = Parameters<HttpsProxyAgent<string>['connect']>[1];

/** The library applies certificates to the connection with the proxy only; here they count for the server behind it as well. */
export class Tunnel extends HttpsProxyAgent<string> {
  readonly #tls: ConnectionOptions;

  constructor(proxy: string, options: HttpsProxyAgentOptions<string>) {
    super(proxy, options);
    const { ca, cert, key, pfx, passphrase } = options as ConnectionOptions;
    const given = Object.entries({ ca, cert, key, pfx, passphrase }).filter(([, value]) => value !== undefined);
    this.#tls = Object.fromEntries(given);
  }

  override connect(request: ClientRequest, options: Target) {
    return super.connect(request, { ...options, ...this.#tls } as Target);
  }
}
