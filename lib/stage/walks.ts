// How far a table has taken in each walk, so that no position is stored before all earlier pages are in, and no page
// that is in already is taken in twice.
import { DigestMap, type Position } from '../core/index.js';
import type { WalkMark } from './journal.js';

/**
 * A page that has not come when one this much later has is taken for dropped by an operator. Pages that are only out of order
 * are never so far apart: the high-water mark bounds how many are on their way.
 */
const gapPages = 1000;

/** Of the walks that are finished, so many are listed among the positions. */
const listedPositions = 100;

/** The state of one walk. Pages are counted from 0; -1 stands for none. */
interface Walk {
  /** The last page before which none is missing, and its position. */
  front: number;
  position: Position | undefined;
  /** Pages after the front that are in. */
  readonly beyond: Map<number, Position>;
  /** Pages that were in when the walk was (re)started: up to `until`, and `among`. When they come again they are skipped. */
  replay: { readonly until: number; readonly among: ReadonlySet<number> };
}

export class Walks {
  /** Those that are under way, were finished since the last commit, or went on and came to their end in this run. */
  readonly #walks = new Map<string, Walk>();
  /** All others: of a resource that depends on another there may be one for each row. */
  readonly #finished = new FinishedWalks();
  readonly #changed = new Set<string>();
  /** What was in before all that had come was dropped: of such a walk the pages are needed from the first. */
  readonly #dropped: Walks | undefined;

  /** @param dropped the walks of the table before all that had come of them was dropped */
  constructor(marks: Iterable<WalkMark> = [], dropped?: Walks) {
    this.#dropped = dropped;
    if (dropped !== undefined) {
      for (const name of dropped.#walks.keys()) {
        this.#walk(name);
        this.#changed.add(name);
      }
    }
    for (const { walk, position, beyond = [] } of marks) {
      const front = position?.page ?? -1;
      const early = new Map(beyond.map((each) => [each.page, each]));
      const replay = { until: front, among: new Set(early.keys()) };
      const one: Walk = { front, position, beyond: early, replay };
      if (isFinished(one)) this.#finished.add(walk, one);
      else this.#walks.set(walk, one);
    }
  }

  /**
   * Where a walk that starts now goes on: `position` is absent when it starts from its first page. `undefined` when nothing of the walk
   * has come. From now on the pages that are in are skipped when they come again.
   */
  restart(name: string): { readonly position?: Position } | undefined {
    const walk = this.#walks.get(name);
    if (walk === undefined) {
      return this.#finished.restart(name) ?? (this.#dropped?.restart(name) === undefined ? undefined : {});
    }
    walk.replay = { until: walk.front, among: new Set(walk.beyond.keys()) };
    return walk.position === undefined ? {} : { position: walk.position };
  }

  /** Whether nothing has come of any walk. */
  get isEmpty(): boolean {
    return this.#walks.size === 0 && this.#finished.size === 0;
  }

  /** Whether this walk is the only one of which anything has come. */
  hasOnly(name: string): boolean {
    return this.#walks.size === 1 && this.#walks.has(name) && this.#finished.size === 0;
  }

  /** Takes in again the pages of a restarted walk that are in: for tables in which rows that come twice do no harm. */
  takeAgain(name: string): void {
    const walk = this.#walks.get(name);
    if (walk !== undefined) walk.replay = replayed(-1);
  }

  /** Whether the page was in before the walk was restarted: its rows must be dropped. */
  isReplay({ walk: name, page }: Position): boolean {
    const walk = this.#walks.get(name);
    if (walk === undefined) return this.#finished.isReplay(name);
    return page <= walk.replay.until || walk.replay.among.has(page);
  }

  /**
   * Notes that pages of this walk come, and returns whether that is new: a walk that feeds other tables too, and that goes on later, then begins with
   * its first page as long as that is not in here.
   */
  expect(name: string): boolean {
    if (this.#walks.has(name) || this.#finished.has(name)) return false;
    this.#walk(name);
    this.#changed.add(name);
    return true;
  }

  /** Takes a page in, or another part of one. */
  receive(position: Position): void {
    const walk = this.#walk(position.walk);
    const { page } = position;
    if (page <= walk.front) return;
    walk.beyond.set(page, position);
    if (page - walk.front > gapPages) walk.front = Math.min(...walk.beyond.keys()) - 1;
    advance(walk);
    this.#changed.add(position.walk);
  }

  /** The last position, before which nothing is missing, of each walk that is under way and of those that were finished last. */
  positions(): Position[] {
    return [...this.#finished.latest, ...[...this.#walks.values()].flatMap(({ position }) => position ?? [])];
  }

  /** What changed since the last call, for the journal. */
  changes(): WalkMark[] {
    const marks = [...this.#changed].map((name) => {
      const walk = this.#walks.get(name)!;
      const { position, beyond } = walk;
      if (isFinished(walk) && isAllOrNoneReplay(walk)) {
        this.#finished.add(name, walk);
        this.#walks.delete(name);
      }
      return { walk: name, ...(position && { position }), ...(beyond.size > 0 && { beyond: [...beyond.values()] }) };
    });
    this.#changed.clear();
    return marks;
  }

  #walk(name: string): Walk {
    let walk = this.#walks.get(name);
    if (walk === undefined) {
      walk = this.#finished.get(name) ?? { front: -1, position: undefined, beyond: new Map(), replay: replayed(-1) };
      this.#walks.set(name, walk);
    }
    return walk;
  }
}

/** The walks of which all pages are in: of each its last page, and whether pages that come again are to be skipped. */
class FinishedWalks {
  /** The last page and, in the lowest bit, whether it was restarted. */
  readonly #pages = new DigestMap();
  latest: readonly Position[] = [];

  get size(): number {
    return this.#pages.size;
  }

  has(name: string): boolean {
    return this.#pages.get(name) !== undefined;
  }

  get(name: string): Walk | undefined {
    const known = this.#pages.get(name);
    if (known === undefined) return undefined;
    const front = known >>> 1;
    const replay = replayed(this.isReplay(name) ? front : -1);
    return { front, position: { walk: name, page: front, next: null }, beyond: new Map(), replay };
  }

  add(name: string, { front, position, replay }: Walk): void {
    this.#pages.set(name, front * 2 + (replay.until >= front ? 1 : 0));
    this.latest = [...this.latest.slice(1 - listedPositions), position!];
  }

  restart(name: string): { readonly position: Position } | undefined {
    const walk = this.get(name);
    if (walk === undefined) return undefined;
    this.#pages.set(name, walk.front * 2 + 1);
    return { position: walk.position! };
  }

  isReplay(name: string): boolean {
    return ((this.#pages.get(name) ?? 0) & 1) === 1;
  }
}

function replayed(until: number): Walk['replay'] {
  return { until, among: new Set() };
}

function isFinished({ position, beyond }: Walk): boolean {
  return position?.next === null && beyond.size === 0;
}

/** Whether all of its pages are to be skipped when they come again, or none: of a finished walk no more is remembered. */
function isAllOrNoneReplay({ front, replay: { until, among } }: Walk): boolean {
  return until >= front || (until < 0 && among.size === 0);
}

/** Moves the front over the pages that follow it without a gap. */
function advance(walk: Walk): void {
  for (let next = walk.beyond.get(walk.front + 1); next !== undefined; next = walk.beyond.get(walk.front + 1)) {
    walk.beyond.delete(next.page);
    walk.front = next.page;
    walk.position = next;
  }
}
