// Makes the names in a folder durable for many who want that at about the same time: one sync does for all who asked before it began.
import { syncFolder } from './durable.js';

export class FolderSync {
  readonly #folder: string;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when all names are durable that were there when it was called. */
  sync(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#running = syncFolder(this.#folder);
        return this.#running;
      });
    return this.#next;
  }
}
