// Keeps a token for all requests of a client: fetched once for those in flight, renewed before it expires and when it is refused.
import type { AuthContext } from './auth.js';

export interface Token {
  readonly accessToken: string;
  /** In milliseconds since 1970; `undefined`: until the server refuses it. */
  readonly expiresAt?: number | undefined;
}

/** How long before its end a token is renewed: a tenth of its life, at most this, in milliseconds. */
const longestMargin = 60_000;

interface Renewal {
  readonly promise: Promise<Token>;
  readonly controller: AbortController;
  waiting: number;
}

export class TokenKeeper {
  readonly #obtain: (context: AuthContext) => Promise<Token>;
  #token: Token | undefined;
  #renewAt = Number.POSITIVE_INFINITY;
  #renewal: Renewal | undefined;

  /** `obtain` asks for a new token. `token` is one to begin with. */
  constructor(obtain: (context: AuthContext) => Promise<Token>, token?: Token) {
    this.#obtain = obtain;
    this.#token = token;
  }

  /** A token that is good for now. All who ask while one is being fetched get that one. */
  async get(context: AuthContext): Promise<string> {
    if (this.#token !== undefined && context.clock.now() < this.#renewAt) return shown(this.#token, context);
    const renewal = this.#renewal ?? this.#renew(context);
    renewal.waiting += 1;
    const leave = () => {
      renewal.waiting -= 1;
      // Nobody waits any more: the request for the token is given up as well.
      if (renewal.waiting === 0) renewal.controller.abort();
    };
    context.signal.addEventListener('abort', leave, { once: true });
    try {
      return shown(await renewal.promise, context);
    } finally {
      context.signal.removeEventListener('abort', leave);
    }
  }

  /** The server refused a token. When it is still the current one, it is forgotten. */
  rejected(accessToken: string): void {
    if (this.#token?.accessToken === accessToken) this.#token = undefined;
  }

  forget(): void {
    this.#token = undefined;
  }

  #renew(context: AuthContext): Renewal {
    const controller = new AbortController();
    const promise = this.#obtain({ ...context, signal: controller.signal }).then((token) => {
      this.#token = token;
      this.#renewAt = renewalTime(token, context.clock.now());
      return token;
    });
    const renewal: Renewal = { promise, controller, waiting: 0 };
    this.#renewal = renewal;
    const done = () => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    };
    promise.then(done, done);
    controller.signal.addEventListener('abort', done, { once: true });
    return renewal;
  }
}

/** Each of several clients with one keeper must know what it sends as a secret. */
function shown({ accessToken }: Token, { hide }: AuthContext): string {
  hide(accessToken);
  return accessToken;
}

function renewalTime({ expiresAt }: Token, now: number): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - Math.min(longestMargin, Math.max(0, (expiresAt - now) / 10));
}
