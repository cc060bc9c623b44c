// Makes a paginator's state fit to be stored.
import type { Json } from '../core/index.js';
import type { Client } from '../http/client-type.js';

/** The state with the credentials taken out of the links in it, as far as the client knows them: it adds them to each request. */
export function withoutCredentials(state: Json, client: Client): Json {
  if (!client.clean) return state;
  if (typeof state === 'string')
    return /^(?:https?:|\.{0,2}\/|\?)[^?]*\?|^\?/i.test(state) ? client.clean(state) : state;
  if (typeof state !== 'object' || state === null) return state;
  if (Array.isArray(state)) return state.map((each: Json) => withoutCredentials(each, client));
  return Object.fromEntries(Object.entries(state).map(([name, each]) => [name, withoutCredentials(each, client)]));
}
