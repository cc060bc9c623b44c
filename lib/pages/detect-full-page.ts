// A page that is as full as it was asked to be: the only sign of more where an API says nothing.
import type { Request } from '../core/index.js';
import type { Detection, Evidence } from './detection.js';
import { givenNames } from './detection.js';
import { asCount, type Hint, hintsOf } from './hints.js';

/** Names of parameters that say how many records a page may have, without signs: `$top`, `page[size]`, `_limit`. */
const limits = new Set(
  'limit pagelimit perpage pagesize size top take first count rows num maxresults maxrecords maxitems maxpagesize max maxkeys itemsperpage resultsperpage recordsperpage pagecount batchsize results'.split(
    ' ',
  ),
);

/** Says that there may be more pages where the page has exactly as many records as the request asks for. */
export function byFullPage({ response, base, count }: Evidence): Detection | undefined {
  if (!count) return undefined;
  const total = asCount(response.headers['x-total-count']);
  if (total !== undefined && total <= count) return undefined;
  const limit = limitsOf(base).find(({ value }) => asCount(value) === count);
  return (
    limit && {
      kind: 'unknown',
      why: `the page has all of the ${count} records that "${limit.key}" asks for, and does not say whether there are more`,
    }
  );
}

function limitsOf(base: Request): Hint[] {
  const form = base.body?.kind === 'form' ? base.body.value : {};
  const fields = Array.isArray(form) ? Object.fromEntries(form) : form;
  return hintsOf({ ...fields, ...givenNames(base) }).filter(({ name }) => limits.has(name));
}
