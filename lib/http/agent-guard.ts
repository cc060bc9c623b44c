// Changes agents: gives up a connection that does not come to stand in time, makes a broken connection break the body that comes over it,
// and finds a kept one without looking at certificates.
import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What Node's agents do inside. */
interface Inside {
  addRequest(request: ClientRequest, ...more: unknown[]): void;
  createConnection(options: object, callback?: unknown): Socket | undefined;
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
    request.once('error', (error) => {
      if (response !== undefined) response.destroy(error);
      else if (request.reusedSocket) closeIdle(agent);
    });
    addRequest(request, ...more);
  };
}

/**
 * Tells connections apart by the server alone, since all of an agent have the same certificates. Node writes all authorities that are trusted
 * into the key of a connection, several times for each request.
 */
export function nameByServer(agent: Agent): void {
  const nameOf = Agent.prototype.getName.bind(agent);
  agent.getName = (options) => `${nameOf(options)}:${(options as { servername?: string }).servername ?? ''}`;
}

/**
 * Closes the connections that are kept and not in use. Also after one of them turned out to be lost: what lies between here and the server
 * has often forgotten all of them, and each would cost an attempt.
 */
export function closeIdle({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

/** Connections that do not stand after so many milliseconds error with the code `ERR_CONNECT_TIMEOUT`. */
export function limitConnecting(agent: Agent, milliseconds: number): void {
  const inside = agent as unknown as Inside;
  const createConnection = inside.createConnection.bind(agent);
  inside.createConnection = (options, callback) => {
    const socket = createConnection(options, callback);
    if (socket !== undefined) {
      const timer = setTimeout(() => socket.destroy(tooLate(milliseconds)), milliseconds);
      const stop = () => clearTimeout(timer);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop).once('close', stop);
    }
    return socket;
  };
}

export function tooLate(milliseconds: number): Error {
  return Object.assign(new Error(`no connection within ${milliseconds} ms`), { code: 'ERR_CONNECT_TIMEOUT' });
}
