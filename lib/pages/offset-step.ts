// From one page by offset to the next, also where a page has not as many records as it was asked for: such a page may be the last,
// the server may have put a lower limit in place of ours, or leave records out after it has counted them. Which of these it is, the
// pages after it tell. Until then the walk takes the smaller step, so that nothing is missed.
import { areAll, beginAlike, hasLast, printsOf } from './record-prints.js';

/** A page that does not have as many records as it was asked for, and what is asked next to find out why. */
interface Odd {
  /** What is asked: what comes after the records of that page, the rest of what it was asked for, or what comes after its limit. */
  readonly asks: 'after' | 'rest' | 'beyond';
  /** Its offset, what it was asked for, and how many records it has. */
  readonly from: number;
  readonly asked: number;
  readonly count: number;
  /** How many pages before it had as many, one after the other. */
  readonly alike: number;
  /** Prints of those of its records that come again when the server counts otherwise. */
  readonly prints?: string;
}

/** Where a walk by offset stands. */
export interface OffsetPlace {
  readonly offset: number;
  /** How many records are asked for, where that is not the limit of the caller: a limit of the server, or a rest. */
  readonly limit?: number;
  /** How many the server gives at a time, where that is fewer. */
  readonly size?: number;
  /** The server counts by what it is asked for, however many records it gives. */
  readonly counts?: 'limit';
  readonly odd?: Odd;
}

/** What follows a page. */
export interface Step {
  readonly next: OffsetPlace;
  /** The offset before which all records have come. */
  readonly reached: number;
  /** Whether the page only told how the server counts, and all of its records came before, or will come again. */
  readonly isProbe: boolean;
  /** What was found out about the server. */
  readonly why?: string;
}

export interface StepOptions {
  /** How many records the page was asked for. */
  readonly asked: number;
  readonly overlap: number;
  /** The limit that the page names as that of the server. */
  readonly said: number | undefined;
}

/** How many prints are kept at most: more than these say nothing new. */
const mostPrints = 1000;
/** After so many pages of one size, one after the other and without a record that came before, the size is the server's. */
const certain = 4;

/** The place after the page at `place`, which brought `records`. */
export function stepAfter(place: OffsetPlace, records: readonly unknown[] | undefined, options: StepOptions): Step {
  const { asked, overlap, said } = options;
  const { offset, odd, counts, size } = place;
  const found = odd && records && resolve(odd, offset, records);
  if (found) return found;
  const kept = { ...(place.limit !== undefined && { limit: place.limit }), ...(counts && { counts }) };
  if (said !== undefined)
    return {
      next: { offset: offset + Math.max(1, said - overlap), limit: said },
      reached: offset + said,
      isProbe: false,
      why: `the server gives ${said} records a page, not ${asked}: going on with that`,
    };
  const count = records?.length ?? 0;
  const by = (length: number, more: Omit<OffsetPlace, 'offset'> = {}, why?: string): Step => ({
    next: { offset: offset + (length > overlap ? length - overlap : length), ...kept, ...more },
    reached: offset + length,
    isProbe: false,
    ...(why !== undefined && { why }),
  });
  if (!records || count === 0) return by(size ?? asked, size === undefined ? {} : { size });
  if (count === asked || counts === 'limit') return by(asked);
  if (odd?.asks === 'beyond') return by(asked, { counts: 'limit' });
  if (count > asked) {
    const prints = overlap === 0 && printsOf(records) && printsOf(records.slice(asked, asked + mostPrints));
    return by(asked, prints ? { odd: { asks: 'beyond', from: offset, asked, count, alike: 0, prints } } : {});
  }
  const alike = odd?.count === count ? odd.alike + 1 : 0;
  const isSettled = size === count && (odd === undefined || alike >= certain);
  if (isSettled) return by(count, { size });
  const tail = overlap === 0 ? printsOf(records.slice(-Math.min(asked - count, mostPrints))) : undefined;
  const next: Odd = { asks: 'after', from: offset, asked, count, alike, ...(tail && { prints: tail }) };
  if (alike === 0) return by(count, { odd: next });
  const why = `the server gives ${count} records a page, not ${asked}, and does not say so: going on with that`;
  return by(count, { size: count, odd: next }, alike === 1 ? why : undefined);
}

/** What a page tells about the odd one before it; `undefined` where it is simply the next page. */
function resolve(odd: Odd, offset: number, records: readonly unknown[]): Step | undefined {
  const { asks, from, asked, count, prints } = odd;
  if (prints === undefined) return undefined;
  const end = from + asked;
  const probe = (next: OffsetPlace, why?: string): Step => ({
    next,
    reached: next.offset,
    isProbe: true,
    ...(why !== undefined && { why }),
  });
  if (asks === 'after' && hasLast(prints, records.slice(0, end - offset)))
    return probe({ offset, limit: end - offset, odd: { ...odd, asks: 'rest' } });
  if (asks === 'rest' && areAll(prints, records))
    return probe(
      { offset: end, counts: 'limit' },
      'the server leaves records out after it has counted them: going on by the limit, also after pages with fewer records',
    );
  if (asks === 'rest') {
    const next = offset + records.length;
    return { next: { offset: next }, reached: next, isProbe: false };
  }
  if (asks === 'beyond' && beginAlike(prints, records))
    return probe(
      { offset: from + count, limit: count },
      `the server gives ${count} records a page, not ${asked}: going on with that`,
    );
  return undefined;
}
