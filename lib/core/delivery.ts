// Which pages are being handed on right now: of those a chain may still make more rows, so they are not in yet.
import type { Page, Position } from './page.js';
import type { HttpResponse } from './request.js';

/** A page that is handed on may make another walk, which answers at once, hand on one of its own. */
const underWay: Position[] = [];

/** Hands a response on as a page: until `next` returns, it is said to be under way. */
export function deliver(response: HttpResponse, position: Position, next: (page: Page) => void): void {
  underWay.push(position);
  try {
    next(pageOf(response, position));
  } finally {
    underWay.pop();
  }
}

/** Whether the page is being handed on, so that more rows of it may come in the same go. */
export function isUnderWay({ walk, page }: Position): boolean {
  return underWay.some((each) => each.page === page && each.walk === walk);
}

/** A response as a page of its walk. What has not been read of it stays so. */
function pageOf(response: HttpResponse, position: Position): Page {
  if (response.raw?.unread === undefined) return { ...response, position };
  const { request, url, status, headers, body, bytes, raw } = response;
  return {
    request,
    url,
    status,
    headers,
    body,
    get text() {
      return response.text;
    },
    bytes,
    raw,
    position,
  };
}
