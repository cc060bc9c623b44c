// What to do with responses that are no ordinary pages: decided by status, by content, or by a function.
import { type HttpResponse, OptionError, RequestError } from '../core/index.js';
import type { Client } from '../http/client-type.js';
import { retryAfter } from '../http/server-timing.js';

/** What is done with a response that matches. */
export type ActionName =
  /** The walk ends here, without this page: those before it are kept. */
  | 'ignore'
  /** This page is left out; the walk goes on with the next. */
  | 'skip'
  /** The request counts as failed in passing: `retry()` makes it again. */
  | 'retry'
  /**
   * The client renews its credentials, and the request is made once more. When that is answered in the same way, the walk
   * fails. For servers that refuse old credentials with another status than 401, which a client sees to by itself.
   */
  | 'refresh'
  /**
   * The server does not know the place any more where an earlier run stopped: the walk starts from its first page, as it does where that is
   * refused by a status. Where the walk has gone on since, it fails.
   */
  | 'restart'
  /** The walk fails. */
  | 'fail';

/**
 * Looks at a response and may put another in its place. It sees each response once: failures with a status too, then
 * with the start of the body only.
 */
export type Rewrite = (response: HttpResponse) => HttpResponse | undefined;

/** All conditions that are given must be met. */
export interface ResponseAction {
  /** The status. */
  readonly status?: number;
  /** A text that the body contains. */
  readonly content?: string;
  readonly when?: (response: HttpResponse) => boolean;
  /** A rewrite does not end the search for an action: those after it look at what it made. */
  readonly action: ActionName | Rewrite;
  /** For `fail`, `retry`, `refresh` and `restart`: what the error says. */
  readonly message?: string;
}

/** What came of it. */
export type Verdict =
  | { readonly action: 'pass'; readonly response?: HttpResponse }
  | { readonly action: 'ignore' | 'skip' }
  /** `refresh`: the error is for a request that was made once more already. */
  | { readonly action: 'fail' | 'refresh' | 'restart'; readonly error: RequestError };

/** @throws OptionError `ERR_INVALID_OPTION` for an action that could never be taken, or is not known. */
export function checkActions(actions: readonly ResponseAction[]): void {
  for (const [index, { action, status, content, when }] of actions.entries()) {
    if (typeof action !== 'function' && !['ignore', 'skip', 'retry', 'refresh', 'restart', 'fail'].includes(action))
      throw new OptionError(
        `actions[${index}].action`,
        `must be ignore, skip, retry, refresh, restart, fail or a function, not ${JSON.stringify(action)}`,
      );
    if (status !== undefined && !(Number.isInteger(status) && status >= 100 && status <= 599))
      throw new OptionError(`actions[${index}].status`, `must be an HTTP status, not ${JSON.stringify(status)}`);
    if (typeof action !== 'function' && status === undefined && content === undefined && when === undefined)
      throw new OptionError(`actions[${index}]`, 'needs a condition: status, content or when');
  }
}

/** Decides about a response, or about a failure that has a status. */
export function actOn(
  { actions, client }: { readonly actions: readonly ResponseAction[]; readonly client: Client },
  outcome: HttpResponse | RequestError,
): Verdict {
  if (actions.length === 0 || (outcome instanceof RequestError && outcome.status === undefined))
    return { action: 'pass' };
  let response = outcome instanceof RequestError ? (outcome.response ?? answerOf(outcome)) : outcome;
  let rewritten = false;
  for (const { action, status, content, when, message } of actions) {
    if (status !== undefined && status !== response.status) continue;
    if (content !== undefined && !response.text.includes(content)) continue;
    if (when && !when(response)) continue;
    if (action === 'ignore' || action === 'skip') return { action };
    if (typeof action === 'string') {
      const error = failure(outcome, response, client, { transient: action === 'retry', message });
      return { action: action === 'retry' ? 'fail' : action, error };
    }
    const other = action(response);
    if (other) {
      response = other;
      rewritten = true;
    }
  }
  return rewritten ? { action: 'pass', response } : { action: 'pass' };
}

function failure(
  outcome: HttpResponse | RequestError,
  response: HttpResponse,
  client: Client,
  more: { readonly transient: boolean; readonly message: string | undefined },
): RequestError {
  const { transient, message } = more;
  const advice = message === undefined ? {} : { advice: message };
  if (outcome instanceof RequestError) {
    const { code, method, url, reason, status, headers, bodyStart, serverWait, cause, attempts } = outcome;
    const kept = { status, headers, bodyStart, serverWait, advice: outcome.advice, ...advice };
    return new RequestError({ code, method, url, reason, cause, transient, ...given(kept) }, { attempts });
  }
  const serverWait = retryAfter(response.headers, Date.now());
  return new RequestError({
    code: 'ERR_HTTP_STATUS',
    method: response.request.method,
    url: response.url,
    reason: `answered ${response.status} with a body that a response action takes for a failure`,
    bodyStart: (client.redact?.(response.text) ?? response.text).slice(0, 500),
    transient,
    ...given({ serverWait, ...advice }),
  });
}

/** The fields that have a value. */
function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** What is left of a response in the error that it became, where the error does not hold the response itself. */
function answerOf(error: RequestError): HttpResponse {
  const text = error.bodyStart ?? '';
  return {
    request: { method: error.method, url: error.url, params: {}, headers: {} },
    url: error.url,
    status: error.status ?? 0,
    headers: error.headers ?? {},
    body: parsed(text),
    text,
    bytes: Buffer.byteLength(text),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}
