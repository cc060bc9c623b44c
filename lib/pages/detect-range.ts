// Offsets and page numbers that a response repeats, or that the caller set.
import type { Request } from '../core/index.js';
import { limits, offsets, pageNames, type TotalHint } from './detect-words.js';
import {
  type DetectedOptions,
  type Detection,
  type Evidence,
  found,
  type Given,
  givenIn,
  placed,
  placedAs,
} from './detection.js';
import { asCount, type Hint, hintNamed } from './hints.js';

/** What says where the walk ends. */
export interface RangeEnds {
  readonly total?: TotalHint;
  /** A word for more, as an option. */
  readonly more?: DetectedOptions;
}

/** Offset or page number, where the page repeats what it was asked for or the caller asked for it. */
export function ranged(evidence: Evidence, ends: RangeEnds, why: string): Detection | undefined {
  const { hints, base, count } = evidence;
  const size = sizeOf(evidence);
  const step = size?.value ?? count;
  const total = ends.total?.isLeast ? undefined : ends.total;
  const at = offsetIn(hints, base);
  if (at && step) {
    const options = {
      limit: step,
      offset: at.value,
      ...at.place,
      ...(size?.place ?? placed(base, 'limit', 'limit')),
      totalPath: total?.path ?? null,
      ...ends.more,
    };
    return found('offset', options, `${why}, with ${at.text}`);
  }
  const { first, page, place, text } = numberingOf(hints, base, [...pageNames, 'number']);
  if (first === undefined) return undefined;
  // A page that is not full says nothing of how many records the others have.
  const isFull = count !== undefined && count > 0 && (size ? size.value === count : page === first);
  const known = total && isFull ? { totalRecordsPath: total.path, pageSize: count } : { totalPath: null };
  const options = { ...numbered(first, page), ...place, ...known, ...ends.more };
  return found('page_number', options, `${why}, ${text}`);
}

/** How many records come before this page, where it is known. */
export function recordsBefore(evidence: Evidence): number {
  const { hints, base } = evidence;
  const at = offsetIn(hints, base);
  if (at) return at.value;
  const { first, page } = numberingOf(hints, base, [...pageNames, 'number']);
  const echo = hintNamed(hints, [...pageNames, 'number'], (value) => asCount(value) !== undefined);
  const number = page ?? asCount(echo?.value);
  const size = sizeOf(evidence)?.value;
  return number === undefined || size === undefined ? 0 : Math.max(0, number - (first ?? 1)) * size;
}

/** The options of a first page, and of another one that the caller begins with. */
export function numbered(first: number, page: number | undefined): DetectedOptions {
  return { basePage: first, ...(page !== undefined && page !== first && { page }) };
}

/** How many records a page may have: as it says itself, or as the caller asked. */
function sizeOf({ hints, base }: Evidence): { value: number; place: DetectedOptions } | undefined {
  const isSize = (value: unknown) => (asCount(value) ?? 0) > 0;
  const given = givenNamed(base, limits, isSize);
  const said = hintNamed(hints, limits, isSize);
  if (!said) return given && { value: asCount(given.value)!, place: placedAs('limit', given) };
  return { value: asCount(said.value)!, place: given ? placedAs('limit', given) : placed(base, 'limit', said.key) };
}

function offsetIn(
  hints: readonly Hint[],
  base: Request,
): { value: number; place: DetectedOptions; text: string } | undefined {
  const isOffset = (value: unknown) => asCount(value) !== undefined;
  const said = hintNamed(hints, offsets, isOffset);
  const given = givenNamed(base, offsets, isOffset);
  if (said) {
    const place = given ? placedAs('offset', given) : placed(base, 'offset', said.key);
    return { value: asCount(said.value)!, place, text: `"${said.path}" beside it` };
  }
  return (
    given && { value: asCount(given.value)!, place: placedAs('offset', given), text: `"${given.place}" in the request` }
  );
}

/** A value that the caller set under one of these names. The order of the names decides. */
export function givenNamed(
  base: Request,
  names: readonly string[],
  passes: (value: unknown) => boolean,
): Given | undefined {
  const given = givenIn(base);
  for (const name of names) {
    const one = given.find((each) => each.name === name && passes(each.value));
    if (one) return one;
  }
  return undefined;
}

/** How the pages are numbered, from the parameters of the caller or from the page itself. */
export interface Numbering {
  /** The number that the API gives to its first page, where that is known. */
  readonly first: number | undefined;
  /** The number of this page, where that is known. */
  readonly page: number | undefined;
  readonly place: DetectedOptions;
  readonly text: string;
}

/**
 * A caller who begins at 0 counts from 0; one who begins at a later page may count from either, and the walk ends after the last page of both.
 */
export function numberingOf(hints: readonly Hint[], base: Request, names: readonly string[]): Numbering {
  const given = givenNamed(base, pageNames, (value) => asCount(value) !== undefined || value === null || value === '');
  const asked = asCount(given?.value);
  if (given && asked !== undefined)
    return {
      first: Math.min(asked, 1),
      page: asked,
      place: placedAs('page', given),
      text: `on a request for page ${asked}`,
    };
  const echo = hintNamed(hints, names, (value) => asCount(value) !== undefined && asCount(value)! < 2);
  const place = given
    ? placedAs('page', given)
    : placed(base, 'page', echo && echo.name !== 'number' && echo.name !== 'currentpage' ? echo.key : 'page');
  const first = echo && asCount(echo.value);
  return { first, page: first, place, text: `on a page that calls itself number ${first}` };
}
