// The transport of the package: requests of the platform, or of node-fetch, over pools of kept connections.
import { confinedWith } from '../core/index.js';
import { Connections } from './connections.js';
import type { Fetch } from './fetch-type.js';
import { platformRequest } from './platform-request.js';
import type { Send } from './send-type.js';
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
  const send = options.fetch === 'node-fetch' ? overNodeFetch() : platformRequest;
  const fetch: Fetch = async (url, init) => {
    const target = new URL(url);
    const agent = connections.agentFor(target);
    // Each promise between here and the answer costs time.
    return send(target, init, agent instanceof Promise ? await agent : agent);
  };
  return {
    fetch: confinedWith(fetch, [options]),
    close: () => connections.close(),
    closeIdle: () => connections.closeIdle(),
  };
}

/** Loaded with the first request. */
function overNodeFetch(): Send {
  let loading: Promise<typeof import('./node-fetch.js')> | undefined;
  return async (url, init, agent) => {
    loading ??= import('./node-fetch.js');
    return (await loading).nodeFetch(url, init, agent);
  };
}
