// Which refusals of a server pass by themselves.

/** What a server says to a request that it will never do. */
const lasting = new Set([501, 505]);

/**
 * Whether a status is one that passes by itself: 408 (the request took too long), 425 (too early), 429 (too many), and the failures of
 * a server (500 and above), without 501 (not implemented) and 505 (this version of HTTP is not known).
 */
export function isTransientStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && !lasting.has(status));
}
