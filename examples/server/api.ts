// The demo API itself: `GET /v1/projects`, paginated by offset and limit, behind a key in the query; and `/demo/…`, by which
// the demo changes what the API knows and asks what it did.
import { createServer, type Server } from 'node:http';
import { stringify } from 'lossless-json';
import { Failures } from './failures.js';
import { Projects } from './projects.js';

/** The only key that the API takes. */
export const demoKey = 'demo-key';

const longestPage = 100;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Makes the server. It does not listen yet. */
export function demoApi({ projects: count = 3000 }: { readonly projects?: number } = {}): Server {
  const projects = new Projects(count);
  const failures = new Failures();
  /** When set, a project is added just before the first page from this offset on is answered. */
  let addBefore: number | undefined;

  function list(url: URL): Answer {
    if (url.searchParams.get('api_key') !== demoKey) return problem(401, 'api_key is missing or wrong');
    const offset = wholeNumber(url, 'offset', 0);
    const limit = wholeNumber(url, 'limit', 25);
    if (offset === undefined || !limit) return problem(400, 'offset and limit are whole numbers, limit at least 1');
    if (addBefore !== undefined && offset >= addBefore) {
      projects.add(1);
      addBefore = undefined;
    }
    const applied = Math.min(limit, longestPage);
    const data = projects.page(offset, applied);
    return { status: 200, body: { data, total: projects.total, offset, limit: applied } };
  }

  function change(url: URL): Answer {
    const update = wholeNumber(url, 'update', 0);
    const add = wholeNumber(url, 'add', 0);
    if (update === undefined || add === undefined) return problem(400, 'update and add are whole numbers');
    addBefore = wholeNumber(url, 'add_before', undefined);
    return { status: 200, body: projects.change(update, add) };
  }

  function stats(): Answer {
    const { requests, failures: failed } = failures;
    return { status: 200, body: { requests, failures: failed, total: projects.total } };
  }

  const routes: Readonly<Record<string, (url: URL) => Answer>> = {
    'GET /v1/projects': list,
    'POST /demo/change': change,
    'GET /demo/stats': stats,
  };

  return createServer((request, response) => {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = `${request.method} ${url.pathname}`;
    if (url.pathname.startsWith('/v1/') && failures.answer(response)) return;
    const { status, body } = (routes[route] ?? missing)(url);
    // Not JSON.stringify: it refuses integers beyond 2^53.
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(stringify(body));
  });
}

function missing(url: URL): Answer {
  return problem(404, `no such resource: ${url.pathname}`);
}

function problem(status: number, error: string): Answer {
  return { status, body: { error } };
}

/** The parameter's value; `undefined` when it is not a whole number of 0 or more. */
function wholeNumber<T>(url: URL, name: string, absent: T): number | T | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return absent;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
