// A tunnel through a proxy to a server that speaks https.
import type { ClientRequest } from 'node:http';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { HttpsProxyAgent, type HttpsProxyAgentOptions } from 'https-proxy-agent';

type Target = Parameters<HttpsProxyAgent<string>['connect']>[1];

/**
 * The library applies certificates to the connection with the proxy only; here they count for the server behind it as well. And it hands on
 * what the proxy says to a tunnel as if the server had said it: here that is so for refusals alone, never for a page.
 */
export class Tunnel extends HttpsProxyAgent<string> {
  readonly #tls: SecureContextOptions;
  #context: SecureContext | undefined;

  constructor(proxy: string, options: HttpsProxyAgentOptions<string>) {
    super(proxy, options);
    const { ca, cert, key, pfx, passphrase } = options as SecureContextOptions;
    const given = Object.entries({ ca, cert, key, pfx, passphrase }).filter(([, value]) => value !== undefined);
    this.#tls = Object.fromEntries(given);
  }

  override connect(request: ClientRequest, options: Target) {
    // Before there is a connection: where the certificate cannot be used, the library would leave the one with the proxy open.
    this.#context ??= createSecureContext(this.#tls);
    request.once('proxyConnect', (answer: { statusCode: number }) => judge(answer, request));
    return super.connect(request, { ...options, secureContext: this.#context } as Target);
  }
}

function judge(answer: { statusCode: number }, request: ClientRequest): void {
  const { statusCode: status } = answer;
  if (status >= 400) return;
  // By the standard the tunnel stands with any of them.
  if (status >= 200 && status < 300) {
    answer.statusCode = 200;
    return;
  }
  const what = Number.isNaN(status) ? 'with something that is not HTTP' : status;
  const refusal = new Error(`the proxy answered ${what} when it was asked for a tunnel`);
  // In the next turn, so that the library has closed its connection.
  process.nextTick(() => request.destroy(refusal));
}
