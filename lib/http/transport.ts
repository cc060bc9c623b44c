// The transport of the package: requests of the platform, or of node-fetch, over pools of kept connections.
import { confinedWith } from '../core/index.js';
import { Addresses } from './address.js';
import type { Carry } from './carry-type.js';
import { Connections } from './connections.js';
import type { Fetch } from './fetch-type.js';
import { platformRequest } from './platform-request.js';
import type { TransportOptions } from './transport-options.js';

export interface Transport {
  readonly fetch: Fetch;
  /** Closes the connections that are kept, also those in use. */
  close(): void;
  /** Closes the connections that are kept and not in use. */
  closeIdle(): void;
}

/** A transport with pools of its own. Kept connections do not keep the process alive. */
export function transport(options: TransportOptions = {}): Transport {
  const connections = new Connections(options);
  const fetch = options.fetch === 'node-fetch' ? overNodeFetch(connections) : overPlatform(connections, options.proxy);
  return {
    fetch: confinedWith(fetch, [options]),
    close: () => connections.close(),
    closeIdle: () => connections.closeIdle(),
  };
}

const shorter = new WeakMap<Fetch, Carry>();

/** The shorter way of a transport, if it has one. */
export function carryOf(fetch: Fetch): Carry | undefined {
  return shorter.get(fetch);
}

function overPlatform(connections: Connections, proxy: TransportOptions['proxy']): Fetch {
  const addresses = new Addresses();
  const carry: Carry = (url, init) => {
    const address = addresses.of(url);
    const agent = connections.agentFor(typeof proxy === 'function' ? new URL(url) : address.origin);
    // Each promise between here and the answer costs time.
    return agent instanceof Promise
      ? agent.then((loaded) => platformRequest(address, init, loaded))
      : platformRequest(address, init, agent);
  };
  // Whatever is wrong is a rejection.
  const fetch: Fetch = async (url, init) => carry(url, init);
  shorter.set(fetch, carry);
  return fetch;
}

/** Loaded with the first request. */
function overNodeFetch(connections: Connections): Fetch {
  let loading: Promise<typeof import('./node-fetch.js')> | undefined;
  return async (url, init) => {
    const target = new URL(url);
    const agent = await connections.agentFor(target);
    loading ??= import('./node-fetch.js');
    return (await loading).nodeFetch(target, init, agent);
  };
}
