// The connections of one transport: pools of kept ones, direct or through proxies, with its certificates and its limit for connecting.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { longestTimer } from '../core/index.js';
import { breakBodies, closeIdle, limitConnecting, nameByServer } from './agent-guard.js';
import { authorities } from './authorities.js';
import { proxyFor } from './proxy.js';
import type { TransportOptions } from './transport-options.js';

export class Connections {
  readonly #options: TransportOptions;
  /** Of all agents. */
  readonly #settings: ConstructorParameters<typeof HttpsAgent>[0] & object;
  /** By protocol and proxy. */
  readonly #agents = new Map<string, HttpAgent>();
  /** The requests of a walk have one origin: to look for its proxy in the environment takes longer than all the rest here. */
  #last: { readonly url: URL; readonly agent: HttpAgent } | undefined;

  constructor(options: TransportOptions) {
    const { maxSockets = 50, keepAlive = true, tls: { ca, ...tls } = {} } = options;
    const trusted = ca === undefined ? {} : { ca: authorities(ca) };
    this.#options = options;
    this.#settings = { keepAlive, maxSockets, scheduling: 'lifo', ...tls, ...trusted };
  }

  /**
   * The agent for requests to a URL. For the same object as before the environment is not read again.
   * @throws OptionError `ERR_INVALID_OPTION` for a proxy that is none.
   */
  agentFor(url: URL): HttpAgent | Promise<HttpAgent> {
    if (url === this.#last?.url) return this.#last.agent;
    const via = proxyFor(url, this.#options.proxy);
    const key = `${url.protocol} ${via}`;
    const known = this.#agents.get(key);
    const limit = this.#connectLimit();
    // At once where nothing must be loaded, so that requests go in their order.
    const agent = known ?? (via === '' ? this.#keep(key, this.#direct(url.protocol, limit)) : undefined);
    this.#last = agent && { url, agent };
    return agent ?? this.#through(via, url.protocol, limit).then((loaded) => this.#keep(key, loaded));
  }

  #keep(key: string, agent: HttpAgent): HttpAgent {
    // While the proxy's agent was loaded, another request may have made one.
    const first = this.#agents.get(key);
    if (first !== undefined) return first;
    nameByServer(agent);
    if (this.#options.fetch === 'node-fetch') breakBodies(agent);
    this.#agents.set(key, agent);
    return agent;
  }

  /** Closes all, also those in use. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  /** Closes those that are not in use. */
  closeIdle(): void {
    for (const agent of this.#agents.values()) closeIdle(agent);
  }

  /** None where it is longer than a timer can be. */
  #connectLimit(): number | undefined {
    const { connectTimeout = Number.POSITIVE_INFINITY } = this.#options;
    return connectTimeout > longestTimer ? undefined : connectTimeout;
  }

  #direct(protocol: string, limit: number | undefined): HttpAgent {
    const agent = protocol === 'https:' ? new HttpsAgent(this.#settings) : new HttpAgent(this.#settings);
    if (limit !== undefined) limitConnecting(agent, limit);
    return agent;
  }

  /** What speaks with proxies is loaded when there is one. */
  async #through(proxy: string, protocol: string, limit: number | undefined): Promise<HttpAgent> {
    const agent =
      protocol === 'https:'
        ? new (await import('./tunnel.js')).Tunnel(proxy, this.#settings)
        : new (await import('./forward.js')).Forward(proxy, this.#settings);
    (await import('./proxy-guard.js')).guardProxy(agent, limit);
    return agent;
  }
}
