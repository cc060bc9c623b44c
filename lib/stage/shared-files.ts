// What the segments of all tables of a stage share, so that neither memory nor open files grow with the number of tables.
import { FolderSync } from './folder-sync.js';
import { OpenFiles } from './open-files.js';
import { WriteBuffers } from './write-buffers.js';

export class SharedFiles {
  /** Where rows wait to be written. */
  readonly buffers = new WriteBuffers();
  /** How many segments are open. */
  readonly open = new OpenFiles();
  /** Makes the names of segments durable. */
  readonly names: FolderSync;

  /** @param folder the stage's */
  constructor(folder: string) {
    this.names = new FolderSync(folder);
  }
}
