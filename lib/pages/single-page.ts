// One page, whatever it says of others.
import { markConfined } from '../core/index.js';
import type { Paginator } from './paginator.js';

/** One request, one page: nothing in the response is looked at. */
export function singlePage(): Paginator<'only'> {
  return markConfined({ name: 'single_page', initial: () => 'only', request: (base) => base, next: () => null });
}
