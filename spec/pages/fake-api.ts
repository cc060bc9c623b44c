// A client made from a function, for specs that need no socket: records what it is asked, answers at once or later.
import { defer, from, isObservable, type Observable, type ObservableInput, of, throwError } from 'rxjs';
import {
  type Flow,
  type HttpResponse,
  Meter,
  type Params,
  type Position,
  Pressure,
  type Request,
  RequestError,
  type RequestFailure,
  systemClock,
} from '../../lib/core/index.js';
import type { Client } from '../../lib/http/client-type.js';

/** What the function may give: a body, a whole response, or an observable of one of them. */
export type Answer = unknown;

export interface FakeApi extends Client {
  readonly requests: Request[];
}

const origin = 'https://api.test';

export function response(request: Request, body: unknown, more: Partial<HttpResponse> = {}): HttpResponse {
  const text = body === undefined ? '' : JSON.stringify(body);
  return { request, url: request.url, status: 200, headers: {}, body, text, bytes: Buffer.byteLength(text), ...more };
}

/** A response with headers, for an answer. */
export class WithHeaders {
  constructor(
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>>,
    readonly more: Partial<HttpResponse> = {},
  ) {}
}

export function fakeApi(answer: (request: Request, count: number) => Answer): FakeApi {
  const requests: Request[] = [];
  const toResponse = (request: Request, body: unknown) =>
    body instanceof WithHeaders
      ? response(request, body.body, { headers: body.headers, ...body.more })
      : response(request, body);
  return {
    requests,
    prepare: (init) => {
      const asked = typeof init === 'string' ? { url: init } : init;
      const url = asked.url.startsWith('http') ? asked.url : `${origin}${asked.url}`;
      return { method: 'GET', params: {}, headers: {}, ...asked, url };
    },
    send: (request) =>
      defer((): Observable<HttpResponse> => {
        requests.push(request);
        const given = answer(request, requests.length);
        if (given instanceof Error) return throwError(() => given);
        if (isObservable(given)) return from(given as ObservableInput<HttpResponse>);
        return of(toResponse(request, given));
      }),
  };
}

export function failure(more: Partial<RequestFailure> = {}): RequestError {
  return new RequestError({
    code: 'ERR_HTTP_STATUS',
    method: 'GET',
    url: `${origin}/x`,
    reason: 'answered 503 Service Unavailable',
    status: 503,
    transient: true,
    ...more,
  });
}

/** `count` records behind offset and limit: the answer of an API that gives no totals. */
export function window(count: number, params: Params, fallback = 10): { data: { id: number }[] } {
  const offset = Number(params['offset'] ?? 0);
  const limit = Number(params['limit'] ?? fallback);
  const length = Math.max(0, Math.min(limit, count - offset));
  return { data: Array.from({ length }, (_, index) => ({ id: offset + index })) };
}

export interface FakeFlow extends Flow {
  readonly controller: AbortController;
  readonly notes: string[];
}

export function fakeFlow(options: { readonly pages?: number; readonly saved?: readonly Position[] } = {}): FakeFlow {
  const controller = new AbortController();
  const meter = new Meter();
  const notes: string[] = [];
  meter.events.subscribe((event) => {
    if (event.type === 'note') notes.push(event.message);
  });
  return {
    controller,
    notes,
    meter,
    pressure: new Pressure(options.pages === undefined ? {} : { pages: options.pages }),
    clock: systemClock,
    signal: controller.signal,
    saved: (walk) => options.saved?.find((position) => position.walk === walk),
  };
}

/** Subscribes and writes down everything that happens. For sources that end at once. */
export function collect<T>(source: Observable<T>): { values: T[]; error: unknown; completed: boolean } {
  const seen: { values: T[]; error: unknown; completed: boolean } = { values: [], error: undefined, completed: false };
  source.subscribe({
    next: (value) => seen.values.push(value),
    error: (error) => {
      seen.error = error;
    },
    complete: () => {
      seen.completed = true;
    },
  });
  return seen;
}
