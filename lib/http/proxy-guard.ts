// What agents for proxies leave undone: a connection that is given up on its way is closed, and whoever waits for a place comes next.
import { once } from 'node:events';
import type { Agent, ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { tooLate } from './agent-guard.js';

/** What these agents do inside: they promise a socket. */
interface Inside {
  /** For the connection with the proxy. */
  connectOpts: object;
  connect(request: ClientRequest, options: object): Promise<Socket | Agent>;
}

/** With `limit`, connections that do not stand after so many milliseconds, TLS included, error with the code `ERR_CONNECT_TIMEOUT`. */
export function guardProxy(agent: Agent, limit?: number): void {
  const inside = agent as unknown as Inside;
  const begin = inside.connect.bind(agent);
  const { connectOpts } = inside;
  inside.connect = async (request, options) => {
    const giving = new AbortController();
    // For the way to the proxy alone: a connection that carries another is closed with it, and would error where nobody listens.
    const way = new AbortController();
    const closeWay = () => way.abort();
    giving.signal.addEventListener('abort', closeWay, { once: true });
    const forget = onDestroy(request, () => giving.abort());
    const timer = limit === undefined ? undefined : setTimeout(() => giving.abort(tooLate(limit)), limit);
    try {
      // The agent reads them before it waits for anything.
      inside.connectOpts = { ...connectOpts, signal: way.signal };
      const socket = await begin(request, options);
      giving.signal.removeEventListener('abort', closeWay);
      if (socket instanceof TLSSocket) await standing(socket, giving.signal);
      return socket;
    } catch (error) {
      return broken(request, giving.signal.aborted ? giving.signal.reason : error);
    } finally {
      clearTimeout(timer);
      forget();
    }
  };
}

/** A request that has no connection yet tells nobody that it is given up. */
function onDestroy(request: ClientRequest, listener: () => void): () => void {
  const { destroy } = request;
  request.destroy = (error) => {
    listener();
    return destroy.call(request, error);
  };
  return () => {
    request.destroy = destroy;
  };
}

async function standing(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  try {
    await once(socket, 'secureConnect', { signal });
  } catch (error) {
    // Whatever it says while it is closed.
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

/** A connection that errors as soon as the request has it: only when one is closed do agents turn to the requests that wait. */
function broken(request: ClientRequest, error: Error): Socket {
  // Nobody gets the one of a request that is given up.
  if (request.destroyed) return new Socket({ writable: false });
  const socket = Object.assign(new Socket(), { connecting: true });
  setImmediate(() => socket.destroy(error));
  return socket;
}
