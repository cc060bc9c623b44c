// `pages`: the door to the walk. Decides where a walk starts; how it goes is in walk-run.ts.
import { Observable } from 'rxjs';
import {
  areConfined,
  confinedWith,
  currentFlow,
  markPristine,
  OptionError,
  type Page,
  type Position,
  Reading,
  RecordFinder,
} from '../core/index.js';
import type { Client, RequestInit } from '../http/client-type.js';
import { auto } from './auto.js';
import { checkPath, checkWhole } from './check-options.js';
import { Guard, type GuardOptions } from './guard.js';
import type { Paginator } from './paginator.js';
import { checkActions, type ResponseAction, type Rewrite } from './response-action.js';
import { describeRequest, walkKey } from './walk-key.js';
import { runWalk } from './walk-run.js';

export interface PagesOptions extends GuardOptions {
  /**
   * Where a page has its records, as a JSONPath. Paginators ask it whether a page is empty.
   * @default detected in the first page that has some
   */
  readonly records?: string;
  /**
   * How many requests of this walk may be in flight at once. Works where requests are known ahead: offsets, page numbers.
   * Pages are emitted in order all the same; those that wait for their turn count as pressure. Requests beyond the end can
   * happen, as many as are in flight when the end is seen. At least 1. @default 1
   */
  readonly concurrency?: number;
  /**
   * The `position` of a page that this walk gave out before, also in another process: it goes on with the page after that one. Below a sink
   * the place that the sink has saved comes first. @default the first page
   */
  readonly from?: Position;
  /** What to do with certain responses, instead of taking them for pages or failing. The first that matches counts. */
  readonly actions?: readonly ResponseAction[];
  /** Functions that see each response once, failures with a status too, before `actions` do, and may put another in its place. */
  readonly hooks?: Hooks;
}

export interface Hooks {
  readonly response?: Rewrite | readonly Rewrite[];
}

/**
 * The pages of an endpoint, in order; without a paginator it is found out from the first page (`auto`). Cold: each subscription is a walk of its own, and unsubscribing aborts the request
 * in flight.
 *
 * Below a sink it starts where an earlier run was cut short, asks for a page only when the sink has room for it, and
 * stops when the run is stopped. Without a sink it is an ordinary observable.
 *
 * A request that fails ends it with a `RequestError` whose `resume()` is the rest of the walk; `retry()` goes on with that.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @throws PaginationError `ERR_PAGINATION_LOOP`, `ERR_PAGINATION_LIMIT`, `ERR_PAGINATION_RESPONSE` (through the observable)
 * @example pages(client({ baseUrl: 'https://api.example.com' }), '/v1/projects', offset({ limit: 100 }))
 */
export function pages(
  client: Client,
  init: RequestInit,
  paginator: Paginator = auto(),
  options: PagesOptions = {},
): Observable<Page> {
  const { concurrency = 1, from, records } = options;
  const actions = [...hookActions(options.hooks), ...(options.actions ?? [])];
  new Guard(options); // checks its options now, before anything is subscribed to
  checkWhole('concurrency', concurrency, 1);
  checkActions(actions);
  checkPath('records', records);
  const walk: Observable<Page> = new Observable((subscriber) => {
    const flow = currentFlow();
    const base = client.prepare(init);
    const key = walkKey(base, paginator.name);
    if (from && from.walk !== key)
      throw new OptionError(
        'from',
        `is the position of another walk than ${describeRequest(base)} by ${paginator.name}`,
      );
    const saved = flow?.saved(key);
    const start = saved ?? from;
    if (saved) {
      const place = saved.next === null ? 'is complete already' : `goes on after page ${saved.page}`;
      flow?.meter.report({ type: 'note', message: `${describeRequest(base)} ${place}` });
    }
    return runWalk(
      {
        client,
        paginator,
        base,
        key,
        flow,
        guard: new Guard(options),
        finder: new RecordFinder(records),
        actions,
        reading: new Reading(),
        concurrency,
      },
      {
        slots: [],
        next: start ? start.next : paginator.initial(base),
        page: start ? start.page + 1 : 0,
        expected: Number.POSITIVE_INFINITY,
        isSaved: saved !== undefined,
      },
      walk,
      subscriber,
    );
  });
  // A function that looks at responses may change them in place: an action, a client around another, a paginator of the program's.
  if (areConfined([client.send, paginator, actions])) markPristine(walk);
  // A program may have put another function in the place of the client's own.
  return confinedWith(walk, [client, client.send, paginator, actions]);
}

/** @throws OptionError `ERR_INVALID_OPTION` for a hook that is no function, or of another name */
function hookActions({ response = [], ...others }: Hooks = {}): ResponseAction[] {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new OptionError('hooks', `has no ${unknown}: there is only response`);
  return [response].flat().map((action) => {
    if (typeof action !== 'function') throw new OptionError('hooks.response', 'must be a function, or a list of them');
    return { action };
  });
}
