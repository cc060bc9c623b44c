// What makes the demo API as unreliable as a real one: every 7th request is answered with an error that passes by itself.
import type { ServerResponse } from 'node:http';

/** Answers every 7th request with 429, 500, 502, 503 and 504 in turn. */
export class Failures {
  #requests = 0;
  #failures = 0;

  get requests(): number {
    return this.#requests;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts one request. True when it has been answered with an error. */
  answer(response: ServerResponse): boolean {
    this.#requests += 1;
    if (this.#requests % 7 !== 0) return false;
    const failure = kinds[this.#failures % kinds.length]!;
    this.#failures += 1;
    failure(response);
    return true;
  }
}

const kinds: readonly ((response: ServerResponse) => void)[] = [
  // How long to wait, in seconds.
  (response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end('{"error":"too many requests"}');
  },
  (response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"something broke"}');
  },
  // What a proxy says is often not JSON.
  (response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>');
  },
  // How long to wait, as a date; dates in HTTP have no fractions of a second.
  (response) => {
    const date = new Date(Date.now() + 1500).toUTCString();
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': date }).end('down for maintenance');
  },
  (response) => {
    response.writeHead(504, { 'content-type': 'text/html' }).end('<html><h1>504 Gateway Timeout</h1></html>');
  },
];
