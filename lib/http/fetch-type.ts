// What a transport is: the part of the platform's `fetch` that the client uses, so that any function like it can be passed.

/** What the client asks of a transport. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** The client follows redirects itself, to keep credentials at their origin. */
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** What the client reads of a transport's answer. */
export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Iterable<[string, string]> | { forEach(each: (value: string, name: string) => void): void };
  /** The body's bytes, decompressed. Must error when the connection ends before the body does. */
  readonly body: AsyncIterable<Uint8Array | string> | ReadableStream<Uint8Array> | null;
}

/** A function with the signature of `fetch`. It must stop when the signal aborts. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;
