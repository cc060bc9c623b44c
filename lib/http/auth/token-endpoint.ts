// Talks to the token endpoint of an OAuth 2 server. The protocol is oauth4webapi's; the connection is the client's.
import type * as oauth from 'oauth4webapi';
import { OptionError } from '../../core/index.js';
import { type AuthContext, AuthError } from './auth.js';

/** What all grants need. */
export interface TokenEndpointOptions {
  /** Where tokens are given out: a whole URL. The client's id and secret go there and nowhere else. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** How the client shows its secret. @default 'client_secret_post', and 'none' without a secret */
  readonly clientAuth?: 'client_secret_post' | 'client_secret_basic' | 'none';
  /** What the token is for; a list is joined by blanks. */
  readonly scope?: string | readonly string[];
  /** Further fields of the form that is sent. */
  readonly tokenRequestData?: Readonly<Record<string, string>>;
  /** Further headers of the request for a token. */
  readonly tokenRequestHeaders?: Readonly<Record<string, string>>;
  /** Reads an answer with a shape of its own. @default the standard's: `access_token`, `expires_in`, `refresh_token` */
  readonly parseToken?: (body: unknown) => ParsedToken;
  /** How long a token is good for when the server does not say, in seconds. @default 3600 */
  readonly defaultExpiration?: number;
  /** What stands before the token in the header. @default 'Bearer' */
  readonly prefix?: string;
}

export interface ParsedToken {
  readonly accessToken: string;
  /** In seconds. */
  readonly expiresIn?: number | undefined;
  readonly refreshToken?: string | undefined;
}

export interface Granted extends ParsedToken {
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

type Library = typeof oauth;

type Ask = (
  library: Library,
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  auth: oauth.ClientAuth,
  fields: Record<string, string>,
  options: oauth.TokenEndpointRequestOptions,
) => Promise<Response>;

export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #auth: (library: Library) => oauth.ClientAuth;
  /** What nobody may see. */
  readonly secrets: readonly string[];

  /** @throws OptionError `ERR_INVALID_OPTION` */
  constructor(options: TokenEndpointOptions) {
    const { tokenUrl, clientId, clientSecret } = options;
    if (!/^https?:/.test(tokenUrl) || !URL.canParse(tokenUrl)) {
      throw new OptionError('tokenUrl', 'is not an absolute http or https URL such as https://login.example.com/token');
    }
    if (clientId === '') throw new OptionError('clientId', 'is empty; give the id that the API issued');
    this.#options = options;
    this.#auth = clientAuth(options);
    // In `client_secret_basic` the secret is URL-encoded before it is base64.
    this.secrets = clientSecret === undefined ? [] : [clientSecret, encodeURIComponent(clientSecret)];
  }

  /**
   * Asks for a token.
   * @throws RequestError when the endpoint does not answer, or answers with an error.
   * @throws AuthError `ERR_AUTH` when there is no token in its answer.
   */
  async grant(ask: Ask, context: AuthContext): Promise<Granted> {
    const {
      tokenUrl,
      clientId,
      scope,
      tokenRequestData,
      tokenRequestHeaders,
      defaultExpiration = 3600,
    } = this.#options;
    const server: oauth.AuthorizationServer = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const client: oauth.Client = { client_id: clientId };
    const fields = {
      ...(scope !== undefined && { scope: typeof scope === 'string' ? scope : scope.join(' ') }),
      ...tokenRequestData,
    };
    const asked = context.clock.now();
    let parsed: ParsedToken;
    // Loaded with the first token that is asked for.
    const oauth = await import('oauth4webapi');
    try {
      const response = await ask(oauth, server, client, this.#auth(oauth), fields, {
        [oauth.customFetch]: (url, init) => this.#fetch(url, init, context),
        [oauth.allowInsecureRequests]: tokenUrl.startsWith('http:'),
        signal: context.signal,
        ...(tokenRequestHeaders && { headers: tokenRequestHeaders }),
      });
      const token = await oauth.processGenericTokenEndpointResponse(server, client, response);
      parsed = { accessToken: token.access_token, expiresIn: token.expires_in, refreshToken: token.refresh_token };
    } catch (error) {
      if (error instanceof oauth.OperationProcessingError || error instanceof oauth.ResponseBodyError) {
        throw new AuthError(`the answer of the token endpoint cannot be used: ${error.message}`);
      }
      throw error;
    }
    context.hide(parsed.accessToken, ...(parsed.refreshToken === undefined ? [] : [parsed.refreshToken]));
    // Counted from before the question: a slow answer must not make the token look fresher than it is.
    return { ...parsed, expiresAt: asked + (parsed.expiresIn ?? defaultExpiration) * 1000 };
  }

  /** Sends oauth4webapi's request over the client, and brings the answer into the shape of the standard. */
  async #fetch(
    url: string,
    init: oauth.CustomFetchOptions<'POST', URLSearchParams>,
    context: AuthContext,
  ): Promise<Response> {
    const body = {
      kind: 'text',
      value: init.body.toString(),
      contentType: 'application/x-www-form-urlencoded',
    } as const;
    const { 'content-type': _, ...headers } = init.headers;
    const answer = await context.send({ method: 'POST', url, params: {}, headers, body }, context.signal);
    if (answer.status < 200 || answer.status >= 300) {
      throw answer.error('The token endpoint refused. Check the client id, the secret and the scope of the auth.');
    }
    return Response.json(this.#standard(answer.text));
  }

  #standard(text: string): unknown {
    const { parseToken } = this.#options;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      // Some endpoints answer with a form.
      body = Object.fromEntries(new URLSearchParams(text));
    }
    const { access_token, expires_in, refresh_token } = body as Record<string, unknown>;
    const token = parseToken?.(body) ?? {
      accessToken: access_token,
      expiresIn: expires_in ?? undefined,
      refreshToken: refresh_token ?? undefined,
    };
    return {
      access_token: token.accessToken,
      token_type: 'bearer',
      expires_in: token.expiresIn,
      refresh_token: token.refreshToken,
    };
  }
}

/** @throws OptionError `ERR_INVALID_OPTION` */
function clientAuth({ clientSecret, clientAuth: how, ...rest }: TokenEndpointOptions) {
  if (how === 'none' || (how === undefined && clientSecret === undefined)) return ({ None }: Library) => None();
  if (clientSecret === undefined || clientSecret === '') {
    throw new OptionError('clientSecret', `is needed for ${how ?? 'client_secret_post'} (client ${rest.clientId})`);
  }
  if (how === 'client_secret_basic') return ({ ClientSecretBasic }: Library) => ClientSecretBasic(clientSecret);
  if (how === undefined || how === 'client_secret_post')
    return ({ ClientSecretPost }: Library) => ClientSecretPost(clientSecret);
  throw new OptionError('clientAuth', `is ${how}; it is one of client_secret_post, client_secret_basic, none`);
}
