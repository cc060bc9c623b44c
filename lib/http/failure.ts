// Says in plain words why a request got no answer, and whether asking again can help.
import type { Diagnosis } from './diagnosis.js';
import { diagnoseTls } from './tls-failure.js';

const connection = 'ERR_HTTP_CONNECTION';
const checkHost = 'Check the base URL, and that the server can be reached from here.';

const headersTooLong: Diagnosis = {
  code: connection,
  reason: 'the headers of the answer are too long',
  transient: false,
  advice: 'Node reads longer ones when it is started with --max-http-header-size.',
};

/** By the code of the system, of Node or of the TLS library. */
const known: Readonly<Record<string, Diagnosis>> = {
  ENOTFOUND: { code: connection, reason: 'the host name is not known', transient: true, advice: checkHost },
  EAI_AGAIN: { code: connection, reason: 'the host name could not be looked up', transient: true, advice: checkHost },
  ECONNREFUSED: { code: connection, reason: 'the connection was refused', transient: true, advice: checkHost },
  ECONNRESET: { code: connection, reason: 'the connection was reset', transient: true },
  EPIPE: { code: connection, reason: 'the connection was closed', transient: true },
  ECONNABORTED: { code: connection, reason: 'the connection was closed', transient: true },
  ETIMEDOUT: { code: connection, reason: 'the connection timed out', transient: true, advice: checkHost },
  EHOSTUNREACH: { code: connection, reason: 'the host cannot be reached', transient: true, advice: checkHost },
  ENETUNREACH: { code: connection, reason: 'the network cannot be reached', transient: true, advice: checkHost },
  ERR_CONNECT_TIMEOUT: {
    code: 'ERR_HTTP_TIMEOUT',
    reason: 'no connection in time',
    transient: true,
    advice: checkHost,
  },
  UND_ERR_SOCKET: { code: connection, reason: 'the connection was closed', transient: true },
  UND_ERR_CONNECT_TIMEOUT: {
    code: 'ERR_HTTP_TIMEOUT',
    reason: 'the connection timed out',
    transient: true,
    advice: checkHost,
  },
  UND_ERR_HEADERS_TIMEOUT: { code: 'ERR_HTTP_TIMEOUT', reason: 'no answer in time', transient: true },
  UND_ERR_BODY_TIMEOUT: { code: 'ERR_HTTP_TIMEOUT', reason: 'the body stopped', transient: true },
  HPE_HEADER_OVERFLOW: headersTooLong,
  UND_ERR_HEADERS_OVERFLOW: headersTooLong,
  ERR_INVALID_URL: {
    code: connection,
    reason: 'the URL is not valid',
    transient: false,
    advice: 'Give an absolute URL, or a baseUrl.',
  },
};

/** Why no whole answer came. `responding` tells whether the headers had arrived, so that the body was under way. */
export function diagnose(error: unknown, responding: boolean): Diagnosis {
  const code = codeOf(error);
  const insecure = diagnoseTls(code, error);
  if (insecure !== undefined) return insecure;
  if (code === 'ERR_CONTENT_ENCODING') {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      code: 'ERR_HTTP_BODY_INVALID',
      reason,
      transient: false,
      advice: 'Check what the server compresses with.',
    };
  }
  if (responding) return { code: 'ERR_HTTP_BODY_CUT', reason: 'the body was cut short', transient: true };
  if (code === 'ERR_INVALID_CHAR') return invalidHeader(error);
  if (code === 'ERR_HTTP_INVALID_HEADER_VALUE') return missingHeader(error);
  if (code === 'ERR_INVALID_HTTP_TOKEN') return invalidName(error);
  const found = known[code];
  if (found !== undefined) return found;
  if (code.startsWith('HPE_') || code === 'Z_DATA_ERROR') {
    return { code: connection, reason: `the answer is not valid HTTP (${code})`, transient: true };
  }
  // The platform's fetch says of everything that it failed, and why in the cause.
  const told = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  const text = told instanceof Error ? told.message : String(told);
  return {
    code: connection,
    reason: `the request failed: ${text}`,
    transient: !(told instanceof TypeError) && !mistakes.has(code),
  };
}

/** Of the program, which asking again does not mend. */
const mistakes = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE']);

/** The name of a header, or a method. */
function invalidName(error: unknown): Diagnosis {
  const name = /\["(.+)"\]$/s.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
  return {
    code: connection,
    reason: `the name ${JSON.stringify(name)} holds a sign that HTTP cannot carry`,
    transient: false,
    advice: 'Headers and methods are made of letters, digits and hyphens.',
  };
}

/** Node's message names the header, and not its value. */
function invalidHeader(error: unknown): Diagnosis {
  const name = /\["([^"]+)"\]/.exec(error instanceof Error ? error.message : '')?.[1];
  return {
    code: connection,
    reason: `the header ${name ?? ''} holds a sign that HTTP cannot carry`.replace('  ', ' '),
    transient: false,
    advice: 'Check the value: one that was read from a file may end with a line break.',
  };
}

/** A program in JavaScript may give a header that it has no value for. */
function missingHeader(error: unknown): Diagnosis {
  const name = /"([^"]+)"$/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
  return {
    code: connection,
    reason: `the header ${name} has no value`,
    transient: false,
    advice: 'Give it a text, or leave it out.',
  };
}

/** The code of an error, or of what caused it. */
function codeOf(error: unknown): string {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    const { code, errors } = each as { code?: unknown; errors?: unknown };
    if (typeof code === 'string' && code !== '') return code;
    if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  }
  return '';
}

/** What a person can do about a status. */
export function adviceFor(status: number, auth: string | undefined): string | undefined {
  const credentials =
    auth === undefined ? 'No auth is configured: give the client one.' : `Check the credentials of the auth ${auth}`;
  switch (status) {
    case 400:
    case 422:
      return 'Check the parameters and the body of the request.';
    case 401:
      return auth === undefined ? credentials : `${credentials}.`;
    case 403:
      return auth === undefined ? credentials : `${credentials}, and what they may read.`;
    case 404:
      return 'Check the path and the base URL.';
    case 405:
      return 'Check the method.';
    case 407:
      return 'Check the user and the password of the proxy.';
    case 429:
      return 'The server limits how often it is asked: ask more slowly or retry later.';
    default:
      return status >= 500
        ? 'The server failed: try again later, retry more often (maxRetries; max_retries in a configuration), or ask whoever runs it.'
        : undefined;
  }
}
