// Gives up a connection that does not come to stand in time.
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What agents do to connect: Node's make the socket at once, those for proxies promise one. */
interface Connecting {
  createConnection(options: object, callback?: unknown): Socket | undefined;
  connect?(request: unknown, options: object): Promise<Socket | Agent>;
}

/** The same agent. Its connections error with the code `ERR_CONNECT_TIMEOUT` when they do not stand after the time. */
export function limitConnecting(agent: Agent, milliseconds: number | undefined): Agent {
  if (milliseconds === undefined) return agent;
  const connecting = agent as unknown as Connecting;
  const late = () =>
    Object.assign(new Error(`no connection within ${milliseconds} ms`), { code: 'ERR_CONNECT_TIMEOUT' });
  if (connecting.connect !== undefined) {
    const connect = connecting.connect.bind(agent);
    connecting.connect = (request, options) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(late()), milliseconds);
        connect(request, options)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
    return agent;
  }
  const createConnection = connecting.createConnection.bind(agent);
  connecting.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (socket !== undefined) {
      const timer = setTimeout(() => socket.destroy(late()), milliseconds);
      const stop = () => clearTimeout(timer);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop).once('close', stop);
    }
    return socket;
  };
  return agent;
}
