// Makes a paginator's state fit to be stored: without the credentials that a link to the next page repeats.
import type { Json, Request } from '../core/index.js';
import type { Client } from '../http/client-type.js';
import { secretParams } from './walk-key.js';

/**
 * The state with credentials taken out of the links in it: those that the client knows, which it adds to each attempt, and
 * those among the parameters of the first request, which `withLink` adds again.
 */
export function withoutCredentials(state: Json, client: Client, base: Request): Json {
  const clean = (link: string): string => {
    const bare = client.clean?.(link) ?? link;
    const at = bare.indexOf('?');
    const secrets = secretParams(base);
    if (at < 0 || secrets.size === 0) return bare;
    const kept = bare
      .slice(at + 1)
      .split('&')
      .filter((part) => ![...new URLSearchParams(part)].some(([name, value]) => secrets.get(name) === value));
    return kept.length === 0 ? bare.slice(0, at) : `${bare.slice(0, at)}?${kept.join('&')}`;
  };
  return mapLinks(state, clean);
}

function mapLinks(state: Json, clean: (link: string) => string): Json {
  if (typeof state === 'string') return /^https?:\/\/[^?]*\?/i.test(state) ? clean(state) : state;
  if (typeof state !== 'object' || state === null) return state;
  if (Array.isArray(state)) return state.map((each: Json) => mapLinks(each, clean));
  return Object.fromEntries(Object.entries(state).map(([name, each]) => [name, mapLinks(each, clean)]));
}
