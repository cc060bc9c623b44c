// What sends the requests of a transport of the package: the platform, or node-fetch.
import type { Agent } from 'node:http';
import type { FetchInit, FetchResponse } from './fetch-type.js';

/** Sends one request over a connection of the agent. */
export type Send = (url: URL, init: FetchInit, agent: Agent) => Promise<FetchResponse>;
