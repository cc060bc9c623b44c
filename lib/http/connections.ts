// The connections of one transport: pools of kept ones, direct or through proxies, with its certificates and its limit for connecting.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { breakBodies, limitConnecting } from './agent-guard.js';
import { proxyFor } from './proxy.js';
import type { TransportOptions } from './transport-options.js';

export class Connections {
  readonly #options: TransportOptions;
  /** Of all agents. */
  readonly #settings: ConstructorParameters<typeof HttpsAgent>[0] & object;
  /** By protocol and proxy. */
  readonly #agents = new Map<string, HttpAgent>();

  constructor(options: TransportOptions) {
    const { maxSockets = 50, keepAlive = true, tls: { ca, ...tls } = {} } = options;
    const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ...[ca].flat()] as (string | Buffer)[] };
    this.#options = options;
    this.#settings = { keepAlive, maxSockets, scheduling: 'lifo', ...tls, ...trusted };
  }

  /** The agent for requests to a URL. @throws OptionError `ERR_INVALID_OPTION` for a proxy that is none. */
  async agentFor(url: URL): Promise<HttpAgent> {
    const via = proxyFor(url, this.#options.proxy);
    const key = `${url.protocol} ${via}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = via === '' ? this.#direct(url.protocol) : await this.#through(via, url.protocol);
    // While the proxy's agent was loaded, another request may have made one.
    const first = this.#agents.get(key);
    if (first !== undefined) return first;
    const { connectTimeout, fetch } = this.#options;
    if (connectTimeout !== undefined) limitConnecting(agent, connectTimeout);
    if (fetch === 'node-fetch') breakBodies(agent);
    this.#agents.set(key, agent);
    return agent;
  }

  /** Closes all, also those in use. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  /** Closes those that are not in use. */
  closeIdle(): void {
    for (const { freeSockets } of this.#agents.values())
      for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
  }

  #direct(protocol: string): HttpAgent {
    return protocol === 'https:' ? new HttpsAgent(this.#settings) : new HttpAgent(this.#settings);
  }

  /** What speaks with proxies is loaded when there is one. */
  async #through(proxy: string, protocol: string): Promise<HttpAgent> {
    if (protocol === 'https:') return new (await import('./tunnel.js')).Tunnel(proxy, this.#settings);
    return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, this.#settings);
  }
}
