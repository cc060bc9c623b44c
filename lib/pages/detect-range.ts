// Offsets and page numbers that a response repeats, or that the caller set.
import type { Request } from '../core/index.js';
import { type DetectedOptions, type Detection, type Evidence, found, givenNames, placed } from './detection.js';
import { asCount, type Hint, hintNamed } from './hints.js';

export const pageParams = ['page', 'pagenumber', 'pageno', 'pageindex', 'currentpage', 'p', 'pg'];
const offsets = ['offset', 'skip', 'start', 'startat', 'startindex', 'from'];
const limits = ['limit', 'take', 'maxresults', 'perpage', 'pagesize', 'itemsperpage', 'rows', 'size'];

/** Offset or page number, where the page repeats what it was asked for. */
export function ranged(
  { hints, base, count }: Pick<Evidence, 'hints' | 'base' | 'count'>,
  end: DetectedOptions,
  why: string,
): Detection | undefined {
  const at = hintNamed(hints, offsets, (value) => asCount(value) !== undefined);
  const size = hintNamed(hints, limits, (value) => (asCount(value) ?? 0) > 0);
  const step = asCount(size?.value) ?? count;
  if (at && step) {
    const options = {
      limit: step,
      offset: asCount(at.value)!,
      ...placed(base, 'offset', at.key),
      ...placed(base, 'limit', size?.key ?? 'limit'),
      ...end,
    };
    return found('offset', options, `${why}, with "${at.path}" beside it`);
  }
  const numbering = numberingOf(hints, base, pageParams);
  if (numbering.base === undefined || !size) return undefined;
  const options = { basePage: numbering.base, ...numbering.place, ...end, totalPath: null };
  return found('page_number', options, `${why}, on a page that calls itself number ${numbering.base}`);
}

/** The number of the first page, from the parameters of the caller or from the page itself, and where it goes. */
export function numberingOf(
  hints: readonly Hint[],
  base: Request,
  names: readonly string[],
): { base: number | undefined; place: DetectedOptions } {
  const set = givenNames(base);
  const given = Object.keys(set).find((name) => pageParams.includes(name.toLowerCase().replace(/[^a-z]/g, '')));
  const asked = given === undefined ? undefined : asCount(set[given]);
  const echo = hintNamed(hints, names, (value) => asCount(value) !== undefined && asCount(value)! < 2);
  const param = given ?? (echo && echo.name !== 'number' && echo.name !== 'currentpage' ? echo.key : 'page');
  return { base: asked ?? (echo ? asCount(echo.value) : undefined), place: placed(base, 'page', param) };
}
