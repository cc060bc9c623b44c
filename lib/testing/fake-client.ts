// A client for tests: answers from a function, without HTTP.
import { defer, from, isObservable, map, type Observable, of } from 'rxjs';
import { type HttpResponse, isTransientStatus, type Request, RequestError } from '../core/index.js';

/** What the function says to a request. */
export interface FakeResponse {
  /** @default 200. From 400 on, the request fails with a `RequestError`. */
  readonly status?: number;
  /** Names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A `Client`, and the requests that it got. */
export interface FakeClient {
  /** In order. One for each attempt. */
  readonly requests: readonly Request[];
  prepare(init: string | (Partial<Request> & { readonly url: string })): Request;
  send(request: Request): Observable<HttpResponse>;
}

/**
 * Makes a client from a function. It is asked at each subscription, with the request and how many came before it.
 *
 * @example
 * const client = fakeClient(({ params }) => ({ body: { data: rows.slice(Number(params['offset'] ?? 0)) } }));
 * pages(client, '/things', offset({ limit: 2 })).pipe(select('data'))
 */
export function fakeClient(
  respond: (request: Request, before: number) => FakeResponse | Promise<FakeResponse> | Observable<FakeResponse>,
): FakeClient {
  const requests: Request[] = [];
  return {
    requests,
    prepare: (init) => ({
      method: 'GET',
      params: {},
      headers: {},
      ...(typeof init === 'string' ? { url: init } : init),
    }),
    send: (request) =>
      defer(() => {
        requests.push(request);
        const answer = respond(request, requests.length - 1);
        return isObservable(answer) ? answer : answer instanceof Promise ? from(answer) : of(answer);
      }).pipe(map((answer) => responseTo(request, answer))),
  };
}

function responseTo(request: Request, { status = 200, headers = {}, body }: FakeResponse): HttpResponse {
  const text = body === undefined ? '' : JSON.stringify(body);
  if (status >= 400) {
    const { method, url } = request;
    const reason = `answered ${status}`;
    const failure = {
      code: 'ERR_HTTP_STATUS',
      method,
      url,
      reason,
      status,
      headers,
      bodyStart: text.slice(0, 200),
    } as const;
    throw new RequestError({ ...failure, transient: isTransientStatus(status), ...serverWait(headers['retry-after']) });
  }
  return { request, url: request.url, status, headers, body, text, bytes: Buffer.byteLength(text) };
}

function serverWait(seconds: string | undefined): { readonly serverWait?: number } {
  return seconds !== undefined && /^\d+$/.test(seconds) ? { serverWait: Number(seconds) * 1000 } : {};
}
