// What is asked of a server, and what it answered: plain, immutable descriptions without behaviour.
import type { RawBody } from './raw-body.js';

/** One value of a query parameter; a list is sent as the same parameter several times, `undefined` and `null` not at all. */
export type ParamValue = string | number | bigint | boolean | null | undefined;

/** Query parameters by name. They are added to those that the URL carries already; a name given here replaces it there. */
export type Params = Readonly<Record<string, ParamValue | readonly ParamValue[]>>;

/** The body of a request. */
export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly value: Params | readonly (readonly [string, string])[] }
  | { readonly kind: 'text'; readonly value: string; readonly contentType: string };

/** An immutable description of one HTTP call. Auth is not part of it: the client adds that to each attempt. */
export interface Request {
  readonly method: string;
  /** Absolute, or a path below the client's base URL. */
  readonly url: string;
  readonly params: Params;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** The origin that its headers and its body were given for, where its client is for no origin in particular. Set by `prepare`. */
  readonly home?: string;
}

/** What a server answered to one request, with its body read whole and parsed. */
export interface HttpResponse<T = unknown> {
  /** The request that this answers, as the caller gave it: without credentials. */
  readonly request: Request;
  /** The address that answered, after redirects; credentials in it are replaced by `***`. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body: `undefined` for an empty one. */
  readonly body: T;
  /** The body as text, as it was received. */
  readonly text: string;
  /** Size of the body in bytes, after decompression. */
  readonly bytes: number;
  /** Where `body` is what JSON.parse made of a body in UTF-8, without loss: that body. */
  readonly raw?: RawBody;
}
