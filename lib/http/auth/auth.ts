// What authentication is: a function from a request to the same request with credentials, called for every attempt.
import { type Clock, type Request, type RequestError, SluiceError, type SluiceErrorOptions } from '../../core/index.js';

/** Adds credentials to one attempt at a request. Its URL is absolute; what it may change is the URL, the parameters, the headers, the body. */
export type Authenticate = (request: Request, context: AuthContext) => Request | Promise<Request>;

/** What an authentication is told about the attempt, and what it may use. */
export interface AuthContext {
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /**
   * Sends a request of the scheme's own, such as a login, over the client's connections. The answer comes whatever its status.
   * @throws RequestError when no whole answer came.
   */
  send(request: Request, signal: AbortSignal): Promise<AuthAnswer>;
  /** Makes values known that nobody may see. */
  hide(...secrets: readonly string[]): void;
}

/** The answer to a request of a scheme. */
export interface AuthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The error that says that this answer is of no use. A status that passes by itself makes it one that is tried again. */
  error(advice?: string): RequestError;
}

/** A way to authenticate. A plain function is one too: see `Auth`. */
export interface AuthScheme {
  /** Names the way in messages: `bearer`, `api_key`. */
  readonly type: string;
  /** Values that nobody may see. What `apply` adds to headers and parameters need not be named: it is found by comparing. */
  readonly secrets?: readonly string[];
  apply(request: Request, context: AuthContext): Request | Promise<Request>;
  /** The server refused the credentials of this request with a 401. Returns whether `apply` will now find other ones. */
  rejected?(request: Request): boolean | Promise<boolean>;
  /** Forgets what was fetched, so that `apply` fetches it anew. */
  forget?(): void;
}

/** How a client authenticates. */
export type Auth = AuthScheme | Authenticate;

/** A function as a scheme. */
export function toScheme(auth: Auth): AuthScheme {
  return typeof auth === 'function' ? { type: 'function', apply: auth } : auth;
}

/** The credentials could not be made. Code: `ERR_AUTH`. */
export class AuthError extends SluiceError {
  override readonly name = 'AuthError';

  constructor(message: string, options?: SluiceErrorOptions) {
    super('ERR_AUTH', `authentication failed: ${message}`, options);
  }
}
