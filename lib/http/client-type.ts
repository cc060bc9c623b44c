// What the walk needs of a client. `client()` makes one over HTTP; a test makes one from a function.
import type { Observable } from 'rxjs';
import type { HttpResponse, Reading, Request } from '../core/index.js';

/** What a caller says of a request; the client fills in the rest. */
export type RequestInit = string | (Partial<Request> & { readonly url: string });

export interface Client {
  /** The whole request for what the caller said: absolute URL, the client's own headers. Without credentials. */
  prepare(init: RequestInit): Request;
  /**
   * One subscription is one attempt at one request. Emits the response and completes, or errors with a `RequestError`.
   * A status of 400 or more is an error. Unsubscribing aborts it.
   *
   * @param reading How the body may be read. A client need not know of it.
   */
  send(request: Request, reading?: Reading): Observable<HttpResponse>;
  /** A link from a response without the credentials that it repeats, so that it can be stored: they are added to each attempt. */
  clean?(url: string): string;
  /** A text for people, with every secret that the client knows replaced by `***`. */
  redact?(text: string): string;
  /** Forgets the credentials that were fetched, such as a token: the next attempt fetches new ones. */
  renew?(): void;
}
