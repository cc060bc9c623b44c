// What authentication is: a function from a request to the same request with credentials, called for every attempt.
import { type Request, SluiceError, type SluiceErrorOptions } from '../../core/index.js';

/** Adds credentials to one attempt at a request. Its URL is absolute; what it may change is the URL, the parameters, the headers, the body. */
export type Authenticate = (request: Request, context: AuthContext) => Request | Promise<Request>;

/** What an authentication is told about the attempt. */
export interface AuthContext {
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal;
}

/** A way to authenticate. A plain function is one too: see `Auth`. */
export interface AuthScheme {
  /** Names the way in messages: `bearer`, `api_key`. */
  readonly type: string;
  /** Values that nobody may see. What `apply` adds to headers and parameters need not be named: it is found by comparing. */
  readonly secrets?: readonly string[];
  apply(request: Request, context: AuthContext): Request | Promise<Request>;
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
