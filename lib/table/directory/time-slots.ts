// Which rows of a log came in the same span of time: for directories whose files hold rows of one span each.
import { rowsOfLog } from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { identifier } from '../sql-text.js';

/** The member of each line of the log that says in which span it came. */
export const slotMember = '__sluice_slot';

/** The text of that member for rows that come now. `now` in milliseconds since 1970. */
export function slotOf(now: number, seconds: number): string {
  return `"${slotMember}":${Math.floor(now / 1000 / seconds)}`;
}

/** The places in the log of the rows of each span, from the first to before the last: each from its start to before its end. */
export async function timeSlots({
  database,
  publication: { segments, longestLine, rows },
}: PublishContext): Promise<readonly (readonly [start: number, end: number])[]> {
  if (rows === 0) return [];
  const slot = identifier(slotMember);
  // Spans follow one another in the log: rows come in order, and clocks that are set back begin a span anew. Rows that were staged before there
  // were spans have none, and are one.
  const log = `SELECT ${slot}, row_number() OVER () - 1 AS place FROM (${rowsOfLog(segments, [{ name: slotMember, type: 'BIGINT' }], longestLine)})`;
  const starts = await database.rows(
    `SELECT place FROM (SELECT place, place = 0 OR ${slot} IS DISTINCT FROM lag(${slot}) OVER (ORDER BY place) AS first FROM (${log})) WHERE first ORDER BY place`,
  );
  const places = starts.map(([place]) => Number(place));
  return places.map((start, at) => [start, places[at + 1] ?? rows]);
}
