// Every place where a secret can be, by its name.
import {
  apiKey,
  basic,
  bearer,
  type ClientOptions,
  oauth2ClientCredentials,
  oauth2RefreshToken,
  type Request,
  sessionToken,
} from '../../lib/index.js';

/** What headers can carry. */
export const headerText = (secret: string) => secret.replaceAll('ü', 'u');

export type Place = (
  url: string,
  secret: string,
) => { readonly client: ClientOptions; readonly request?: Partial<Request> };
export const places: Readonly<Record<string, Place>> = {
  bearer: (_, secret) => ({ client: { auth: bearer(headerText(secret)) } }),
  basic: (_, secret) => ({ client: { auth: basic({ username: 'me', password: secret }) } }),
  'key in a header': (_, secret) => ({ client: { auth: apiKey({ apiKey: headerText(secret), name: 'X-Own' }) } }),
  'key in the query': (_, secret) => ({ client: { auth: apiKey({ apiKey: secret, name: 'own', location: 'query' }) } }),
  'key in a cookie': (_, secret) => ({ client: { auth: apiKey({ apiKey: secret, name: 'own', location: 'cookie' }) } }),
  'header of the client': (_, secret) => ({ client: { headers: { 'X-Api-Key': headerText(secret) } } }),
  'header of the request': (_, secret) => ({ client: {}, request: { headers: { Authorization: headerText(secret) } } }),
  'parameter of the request': (_, secret) => ({ client: {}, request: { params: { access_token: secret } } }),
  'parameter in the URL of the request': (_, secret) => ({
    client: {},
    request: { url: `/rows?access_token=${encodeURIComponent(secret)}` },
  }),
  'field of a form': (_, secret) => ({
    client: {},
    request: { method: 'POST', body: { kind: 'form', value: { user: 'me', password: secret } } },
  }),
  'field of a JSON body': (_, secret) => ({
    client: {},
    request: { method: 'POST', body: { kind: 'json', value: { login: { api_key: secret }, size: 10 } } },
  }),
  'base URL': (url, secret) => ({ client: { baseUrl: url.replace('://', `://me:${encodeURIComponent(secret)}@`) } }),
  function: (_, secret) => ({
    client: { auth: (request) => ({ ...request, headers: { ...request.headers, 'x-signed': headerText(secret) } }) },
  }),
  'client secret': (url, secret) => ({
    client: { auth: oauth2ClientCredentials({ tokenUrl: `${url}/token`, clientId: 'me', clientSecret: secret }) },
  }),
  'client secret in a header': (url, secret) => ({
    client: {
      auth: oauth2ClientCredentials({
        tokenUrl: `${url}/token`,
        clientId: 'me',
        clientSecret: secret,
        clientAuth: 'client_secret_basic',
      }),
    },
  }),
  'refresh token': (url, secret) => ({
    client: { auth: oauth2RefreshToken({ tokenUrl: `${url}/token`, clientId: 'me', refreshToken: secret }) },
  }),
  login: (_, secret) => ({
    client: {
      auth: sessionToken({ login: { url: '/token', body: { kind: 'json', value: { user: 'me', password: secret } } } }),
    },
  }),
  'header of a login': (_, secret) => ({
    client: { auth: sessionToken({ login: { url: '/token', headers: { 'X-Api-Key': headerText(secret) } } }) },
  }),
  'parameter of a login': (_, secret) => ({
    client: { auth: sessionToken({ login: { url: '/token', params: { access_token: secret } } }) },
  }),
  'parameter in the URL of a login': (_, secret) => ({
    client: { auth: sessionToken({ login: { url: `/token?api_key=${encodeURIComponent(secret)}` } }) },
  }),
  'further field of the request for a token': (url, secret) => ({
    client: {
      auth: oauth2ClientCredentials({
        tokenUrl: `${url}/token`,
        clientId: 'me',
        clientSecret: 'of no matter',
        tokenRequestData: { username: 'me', password: secret },
      }),
    },
  }),
  'header of the request for a token': (url, secret) => ({
    client: {
      auth: oauth2ClientCredentials({
        tokenUrl: `${url}/token`,
        clientId: 'me',
        clientSecret: 'of no matter',
        tokenRequestHeaders: { Authorization: `Token ${headerText(secret)}` },
      }),
    },
  }),
  'given: an access token in a header': (url) => ({
    client: {
      auth: oauth2ClientCredentials({ tokenUrl: `${url}/token`, clientId: 'me', clientSecret: 'of no matter' }),
    },
  }),
  'given: a refresh token, for the header': (url) => ({
    client: { auth: oauth2RefreshToken({ tokenUrl: `${url}/token`, clientId: 'me', refreshToken: 'the first one' }) },
  }),
  'given: the token of a session, for a header': () => ({
    client: { auth: sessionToken({ login: { url: '/token' }, header: 'X-Session' }) },
  }),
  'cookie in a header of the client': (_, secret) => ({
    client: { headers: { Cookie: `lang=de; sid=${encodeURIComponent(secret)}` } },
  }),
  'named: in a header of any name': (_, secret) => ({
    client: { secrets: [headerText(secret)], headers: { 'X-Tenant': headerText(secret) } },
  }),
  'named: in a parameter of any name': (_, secret) => ({
    client: { secrets: [secret] },
    request: { params: { workspace: secret } },
  }),
  'named: in a JSON body': (_, secret) => ({
    client: { secrets: [secret] },
    request: { method: 'POST', body: { kind: 'json', value: { of: [{ tenant: `t-${secret}` }] } } },
  }),
  'named: in the path': (_, secret) => ({
    client: { secrets: [secret] },
    request: { url: `/rows/${encodeURIComponent(secret)}/of` },
  }),
};
