// How far a table has taken in each walk, so that no position is stored before all earlier pages are in, and no page
// that is in already is taken in twice.
import type { Position } from '../core/index.js';
import type { WalkMark } from './journal.js';

/**
 * A page that has not come when one this much later has is taken for dropped by an operator. Pages that are only out of order
 * are never so far apart: the high-water mark bounds how many are on their way.
 */
const gapPages = 1000;

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
  readonly #walks = new Map<string, Walk>();
  readonly #changed = new Set<string>();

  constructor(marks: Iterable<WalkMark> = []) {
    for (const { walk, position, beyond = [] } of marks) {
      const front = position?.page ?? -1;
      const early = new Map(beyond.map((each) => [each.page, each]));
      const replay = { until: front, among: new Set(early.keys()) };
      this.#walks.set(walk, { front, position, beyond: early, replay });
    }
  }

  /**
   * Where a walk that starts now goes on: `position` is absent when it starts from its first page. `undefined` when nothing of the walk
   * has come. From now on the pages that are in are skipped when they come again.
   */
  restart(name: string): { readonly position?: Position } | undefined {
    const walk = this.#walks.get(name);
    if (walk === undefined) return undefined;
    walk.replay = { until: walk.front, among: new Set(walk.beyond.keys()) };
    return walk.position === undefined ? {} : { position: walk.position };
  }

  /** Whether the page was in before the walk was restarted: its rows must be dropped. */
  isReplay({ walk: name, page }: Position): boolean {
    const walk = this.#walks.get(name);
    return walk !== undefined && (page <= walk.replay.until || walk.replay.among.has(page));
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

  /** The last position of each walk before which nothing is missing. */
  positions(): Position[] {
    return [...this.#walks.values()].flatMap(({ position }) => position ?? []);
  }

  /** What changed since the last call, for the journal. */
  changes(): WalkMark[] {
    const marks = [...this.#changed].map((name) => {
      const { position, beyond } = this.#walks.get(name)!;
      return { walk: name, ...(position && { position }), ...(beyond.size > 0 && { beyond: [...beyond.values()] }) };
    });
    this.#changed.clear();
    return marks;
  }

  #walk(name: string): Walk {
    let walk = this.#walks.get(name);
    if (walk === undefined) {
      walk = { front: -1, position: undefined, beyond: new Map(), replay: { until: -1, among: new Set() } };
      this.#walks.set(name, walk);
    }
    return walk;
  }
}

/** Moves the front over the pages that follow it without a gap. */
function advance(walk: Walk): void {
  for (let next = walk.beyond.get(walk.front + 1); next !== undefined; next = walk.beyond.get(walk.front + 1)) {
    walk.beyond.delete(next.page);
    walk.front = next.page;
    walk.position = next;
  }
}
