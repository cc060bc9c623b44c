// A page that is as full as it may be, and one that says how many records it has itself: the only signs of more where an API says nothing.
import { ranged } from './detect-range.js';
import { ownCountIn, limits as said } from './detect-words.js';
import { type Detection, type Evidence, givenIn } from './detection.js';
import { asCount, hintNamed, plain } from './hints.js';

/** Names of parameters that say how many records a page may have, without signs: `$top`, `page[size]`, `_limit`. */
const limits = new Set(
  'limit pagelimit perpage pagesize size top take first count rows num maxresults maxrecords maxitems maxpagesize max maxkeys itemsperpage resultsperpage recordsperpage hitsperpage pagecount pagelen batchsize results'.split(
    ' ',
  ),
);

/** Says that there may be more pages where the page has exactly as many records as the request asks for, or as it says it may have. */
export function byFullPage(evidence: Evidence): Detection | undefined {
  const { base, hints, count } = evidence;
  if (!count) return undefined;
  const { body } = base;
  const form = body?.kind === 'form' ? (Array.isArray(body.value) ? body.value : Object.entries(body.value)) : [];
  const asked = [
    ...givenIn(base).map(({ place, name, value }) => ({ place, name, value })),
    ...form.map(([place, value]) => ({ place, name: plain(place), value })),
  ].find(({ name, value }) => limits.has(name) && asCount(value) === count);
  const own = asked
    ? undefined
    : hintNamed(
        hints,
        said.filter((name) => name !== 'size'),
        (value) => asCount(value) === count,
      );
  if (!asked && !own) return undefined;
  const what = asked ? `"${asked.place}" asks for` : `"${own?.path}" allows`;
  const why = `the page has all of the ${count} records that ${what}, and does not say whether there are more`;
  return ranged(evidence, {}, why) ?? { kind: 'unknown', why };
}

/** Says that there may be more pages where the page has a number that is that of its own records, or of all. */
export function byOwnCount(evidence: Evidence): Detection | undefined {
  const { hints, count } = evidence;
  if (count === undefined || count < 2) return undefined;
  const own = ownCountIn(hints, count);
  if (!own) return undefined;
  const why = `"${own.path}" is ${count}, which counts the records of this page, and may or may not count all`;
  return ranged(evidence, {}, why) ?? { kind: 'unknown', why };
}
