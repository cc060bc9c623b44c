// Makes a paginator's state fit to be stored: without the credentials that a link to the next page repeats.
import type { Json, Request } from '../core/index.js';
import type { Client } from '../http/client-type.js';
import { maskRepeated } from './set-request.js';

/**
 * The state with credentials taken out of the links in it: those that the client knows, which it adds to each attempt, and
 * those among the parameters of the first request, which `withLink` adds again.
 */
export function withoutCredentials(state: Json, client: Client, base: Request): Json {
  const isSecret = (value: string) => client.redact !== undefined && client.redact(value) !== value;
  const clean = (link: string): string => {
    const masked = maskRepeated(link, base, isSecret);
    return client.clean?.(masked) ?? masked;
  };
  return mapLinks(state, clean);
}

function mapLinks(state: Json, clean: (link: string) => string): Json {
  if (typeof state === 'string') return /^https?:\/\/[^?]*\?/i.test(state) ? clean(state) : state;
  if (typeof state !== 'object' || state === null) return state;
  if (Array.isArray(state)) return state.map((each: Json) => mapLinks(each, clean));
  return Object.fromEntries(Object.entries(state).map(([name, each]) => [name, mapLinks(each, clean)]));
}
