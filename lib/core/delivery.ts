// Which pages are being handed on right now: of those a chain may still make more rows, so they are not in yet.
import type { Position } from './page.js';

/** A page that is handed on may make another walk, which answers at once, hand on one of its own. */
const underWay: Position[] = [];

/** Hands a page on: until `next` returns, it is said to be under way. */
export function deliver(position: Position, next: () => void): void {
  underWay.push(position);
  try {
    next();
  } finally {
    underWay.pop();
  }
}

/** Whether the page is being handed on, so that more rows of it may come in the same go. */
export function isUnderWay({ walk, page }: Position): boolean {
  return underWay.some((each) => each.page === page && each.walk === walk);
}
