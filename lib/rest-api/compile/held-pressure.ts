// Gates a parent's walk by its children: it asks for its next page only when few of its rows still wait to be worked on.
import { Pressure } from '../../core/index.js';

/** Pages of a parent whose rows may wait. */
const heldPages = 2;

/**
 * What a parent's rows in memory add up to. It is counted apart from the run's pressure: children need room there to go on, and
 * only that lets the parent's rows go.
 */
export class HeldPressure extends Pressure {
  readonly #run: Pressure;

  constructor(run: Pressure) {
    super({ pages: heldPages, bytes: run.highWater.bytes });
    this.#run = run;
  }

  override allows(inFlight = 0, server = ''): boolean {
    return super.allows(inFlight, server) && this.#run.allows(inFlight, server);
  }

  override ask(server = ''): () => void {
    const [own, run] = [super.ask(server), this.#run.ask(server)];
    return () => {
      own();
      run();
    };
  }

  /** Whichever of the two makes room first. */
  override onRoom(callback: () => void, server = ''): () => void {
    const leave = () => {
      leaveOwn();
      leaveRun();
    };
    const once = () => {
      leave();
      callback();
    };
    const leaveOwn = super.onRoom(once, server);
    const leaveRun = this.#run.onRoom(once, server);
    return leave;
  }
}
