// What failures mean to a walk, and the errors of those that it cannot leave out.
import { type Request, RequestError } from '../core/index.js';
import { PaginationError } from './pagination-error.js';
import { describeRequest } from './walk-key.js';

/** Whether the server says that it will never answer this request. Statuses that are about credentials or load say nothing of the place. */
export function isRefusal({ status }: RequestError): boolean {
  return status !== undefined && [400, 404, 409, 410, 412, 416, 422].includes(status);
}

/** A page that failed cannot be left out where only a page says what comes after it. */
export function notSkippable({ method }: Request, { url, reason }: RequestError, paginator: string): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_RESPONSE',
    `${method} ${url}: ${reason}, and this page cannot be skipped: with the paginator ${paginator} only the page itself says ` +
      'where the next one is. Use the action ignore to end the walk here, or retry.',
  );
}

export function tooManySkipped(request: Request, count: number): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_LIMIT',
    `${describeRequest(request)}: a response action has left out this page and the ${count} before it, so that the end of the walk may be behind it. ` +
      'If the API answers so beyond its last page, use the action ignore, which ends the walk.',
  );
}

/** A refusal of a page that was counted, not named by the one before it: many servers answer so beyond their last page. */
export function maybeBeyondEnd(error: RequestError): RequestError {
  const { status, attempts, response } = error;
  const advice =
    `If the API answers so beyond its last page, add the response action { status: ${status}, action: 'ignore' } ` +
    `(status_code in a configuration), or tell the paginator how the pages say that they end.`;
  const { code, cause } = error;
  return new RequestError({ ...error, code, cause, advice }, { attempts, ...(response && { response }) });
}
