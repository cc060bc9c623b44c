// The failure of a walk whose pages end before the total that the server told.
import { type HttpResponse, RequestError } from '../core/index.js';

/**
 * A page without records where by the total at least one more has some. Taken for the end it would lose them without a word. It passes
 * by itself where the server was only out of order, so that it is worth asking again.
 *
 * @param missing How many pages there should be from this one on, at least 2.
 */
export function emptyTooEarly(response: HttpResponse, missing: number, redact: (text: string) => string): RequestError {
  const { method } = response.request;
  return new RequestError({
    code: 'ERR_PAGINATION_INCOMPLETE',
    method,
    url: redact(response.url),
    status: response.status,
    reason: `the page has no records, although by the total that the server told there are some on this one and on the ${missing - 1} after it`,
    bodyStart: redact(response.text).slice(0, 200),
    advice:
      'Servers answer so beyond the offset that they serve at most: ask for less at a time, by a filter or a cursor, or set a maximum. ' +
      'If the total counts something else, set totalPath to null: then the first empty page is the end.',
    transient: true,
  });
}
