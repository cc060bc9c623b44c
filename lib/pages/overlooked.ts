// A walk that would end with its first page, since what its paginator looks for is not there, while the response names a next page elsewhere.
import type { HttpResponse } from '../core/index.js';
import { detectPagination } from './detect-pagination.js';
import type { PageFacts } from './paginator.js';
import { isEmpty } from './read-body.js';

/** What names a next page for sure. Totals and full pages only make one likely. */
const sure = new Set(['json_link', 'header_link', 'header_cursor', 'continuation', 'graphql']);

/**
 * A sentence for the person who wrote the paginator's options; `undefined` where the first page may well be the only one.
 *
 * @param absent What the first page does not have.
 */
export function overlooked(
  response: HttpResponse,
  { page, records, isRewritten = false }: PageFacts,
  absent: string,
): string | undefined {
  if (page > 0 || isRewritten || isEmpty(response, records)) return undefined;
  const found = detectPagination(response, response.request, records?.length);
  if (found.kind !== 'cursor' && !(found.kind === 'found' && sure.has(found.by))) return undefined;
  return `the first page has no ${absent} and is taken for the only one, but ${found.why}: check the paginator, records may be missing`;
}
