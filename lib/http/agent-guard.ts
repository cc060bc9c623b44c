// Changes agents: gives up a connection that does not come to stand in time, and makes a broken connection break the body that comes over it.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What agents do inside: Node's make the socket at once, those for proxies promise one. */
interface Inside {
  addRequest(request: ClientRequest, ...more: unknown[]): void;
  createConnection(options: object, callback?: unknown): Socket | undefined;
  connect?(request: unknown, options: object): Promise<Socket | Agent>;
}

/**
 * node-fetch takes an error that comes together with the last bytes of an answer (more bytes than announced) for the end of the request,
 * and what was not read yet is lost without an error. With this agent the body errors.
 */
export function breakBodies(agent: Agent): void {
  const inside = agent as unknown as Inside;
  const addRequest = inside.addRequest.bind(agent);
  inside.addRequest = (request, ...more) => {
    let response: IncomingMessage | undefined;
    request.once('response', (message) => {
      response = message;
    });
    request.once('error', (error) => response?.destroy(error));
    addRequest(request, ...more);
  };
}

/** Connections that do not stand after so many milliseconds error with the code `ERR_CONNECT_TIMEOUT`. */
export function limitConnecting(agent: Agent, milliseconds: number): void {
  const inside = agent as unknown as Inside;
  const late = () =>
    Object.assign(new Error(`no connection within ${milliseconds} ms`), { code: 'ERR_CONNECT_TIMEOUT' });
  if (inside.connect !== undefined) {
    const connect = inside.connect.bind(agent);
    inside.connect = (request, options) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(late()), milliseconds);
        connect(request, options)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
    return;
  }
  const createConnection = inside.createConnection.bind(agent);
  inside.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (socket !== undefined) {
      const timer = setTimeout(() => socket.destroy(late()), milliseconds);
      const stop = () => clearTimeout(timer);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop).once('close', stop);
    }
    return socket;
  };
}
