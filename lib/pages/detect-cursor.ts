// Cursors: where a page has one, and which places of a request may take it.
import type { Request } from '../core/index.js';
import { moreIn } from './detect-words.js';
import { type DetectedOptions, type Detection, type Evidence, givenIn, placedAs } from './detection.js';
import { type Hint, hintNamed, plain } from './hints.js';

const cursors = [
  'lastevaluatedkey',
  'cursor',
  'continuationtoken',
  'continuation',
  'continue',
  'bookmark',
  'scrollid',
  'endcursor',
  'aftercursor',
  'resumptiontoken',
  'marker',
];
/** Names in an object that is called `next`, those of cursors before those of numbers. */
const inNext = [
  'startingafter',
  'after',
  'cursor',
  'token',
  'pagetoken',
  'continuation',
  'marker',
  'bookmark',
  'offset',
  'start',
  'skip',
  'pagenumber',
  'page',
];
/** Objects that hold what is about the pages. */
const holders = new Set(['cursors', 'cursor', 'paging', 'pagination', 'page', 'meta']);
/** Parameters of APIs that call the cursor of a page otherwise. */
const pairs: Readonly<Record<string, readonly string[]>> = {
  lastevaluatedkey: ['ExclusiveStartKey'],
  aftercursor: ['page[after]', 'after'],
  nexttoken: ['pagination_token'],
  nextcursor: ['cursor', 'start_cursor'],
  endcursor: ['after'],
  cursor: ['cursor', 'after'],
};
/** Parameters that take cursors, the most usual first. */
const usual = [
  'cursor',
  'page_token',
  'pageToken',
  'after',
  'starting_after',
  'page',
  'offset',
  'start',
  'next',
  'token',
  'continuation_token',
  'page[after]',
  'page[cursor]',
];

export function byCursor({ hints, base }: Evidence): Detection | undefined {
  const cursor = cursorIn(hints);
  if (!cursor) return undefined;
  const more = moreIn(hints);
  if (more && !more.hasMore) return { kind: 'single', why: `the page says that there are no more: ${more.text}` };
  return {
    kind: 'cursor',
    path: cursor.path,
    ...cursorPlaces(cursor, base),
    end: more?.option ?? {},
    why: `there is a cursor at "${cursor.path}"`,
  };
}

/** Whether a name can only be that of the cursor of the next page. */
export const isNextCursorName = (name: string): boolean =>
  /^next(?:page|results?|records?|set|batch)?(?:cursor(?:str)?|token|marker|key|offset|start|skip|index|number|page|bookmark|state|position|startkey|continuationtoken|pagetoken|after|id)?$/.test(
    name,
  );

function cursorIn(hints: readonly Hint[]): Hint | undefined {
  const usable = (value: unknown) =>
    (typeof value === 'string' && value !== '') ||
    (typeof value === 'number' && value > 0) ||
    typeof value === 'bigint';
  const held = hints.filter(({ parentName }) => /^next(?:page)?$/.test(parentName));
  const beside = hints.filter(({ parentName }) => holders.has(parentName));
  return (
    hints.find(({ name, value }) => isNextCursorName(name) && usable(value)) ??
    hintNamed(held, inNext, usable) ??
    hints.find(({ name, value }) => name === 'lastevaluatedkey' && typeof value === 'object' && value !== null) ??
    hintNamed(hints, cursors, usable) ??
    hintNamed(beside, ['after', 'startingafter'], usable) ??
    hints.find(({ name, value }) => name === 'offset' && typeof value === 'string' && /[^\d\s]/.test(value))
  );
}

/**
 * Which places may take a cursor, the likeliest first: those that the caller has set, those that go with its name, and then all that are
 * usual. A search takes it in its body, and if not there in the query.
 */
function cursorPlaces({ key, name }: Hint, base: Request): { places: DetectedOptions[]; likely: number } {
  const bare = key.replace(/^[^a-zA-Z]*next[^a-zA-Z]*/i, '');
  const own = bare.charAt(0).toLowerCase() + bare.slice(1);
  const short = own.replace(/^page[^a-zA-Z]*/i, '');
  const lower = short.charAt(0).toLowerCase() + short.slice(1);
  const paired = pairs[name] ?? [];
  const isPlain = name.startsWith('next') && paired.length > 0;
  const named = [...(isPlain ? [own, key, ...paired] : [...paired, own, key]), lower].filter((each) => each !== '');
  const all = [...new Set([...named, ...usual])];
  const wanted = new Set(all.map(plain));
  const given = givenIn(base).filter(
    ({ name, value }) => wanted.has(name) && (typeof value !== 'object' || value === null),
  );
  const places: DetectedOptions[] = given.map((each) => placedAs('cursor', each));
  const add = (names: readonly string[], where: 'query' | 'body') => {
    for (const place of names) {
      const option = placedAs('cursor', { place, where });
      if (!places.some((each) => JSON.stringify(each) === JSON.stringify(option))) places.push(option);
    }
  };
  const inBody = base.body?.kind === 'json';
  add(named, inBody ? 'body' : 'query');
  const likely = places.length;
  add(all, inBody ? 'body' : 'query');
  if (inBody) add(all, 'query');
  return { places, likely };
}
