// The published file as a publish begins: whether its row groups may be copied, and the copy that is begun before it is known which.
import { stat } from 'node:fs/promises';
import { sqlType } from '../../schema/index.js';
import type { Publication } from '../engine.js';
import { rowBytes } from '../row-groups.js';
import { atOnce, Beginning } from './beginning.js';
import { type Footer, readFooter } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';

export class PublishedFile {
  readonly footer: Footer;
  readonly #publication: Publication;
  #beginning: Beginning | undefined;

  private constructor(footer: Footer, publication: Publication) {
    this.footer = footer;
    this.#publication = publication;
  }

  /** Reads the footer of the file that a publish goes on from; `undefined` when there is none, or none whose row groups may be copied. */
  static async open(publication: Publication): Promise<PublishedFile | undefined> {
    const { previous, disposition } = publication;
    if (previous === undefined || disposition === 'replace' || isConverted(publication)) return undefined;
    try {
      return new PublishedFile(await readFooter(previous.file), publication);
    } catch (error) {
      if (error instanceof NotSpliceable) return undefined;
      throw error;
    }
  }

  /** What its row groups say of the size of those to come: rows of a full one, 0 for a file without rows, and bytes of a row, be it the `largest` or usual. */
  ofRows(largest: boolean): { readonly publishedRows: number; readonly publishedBytes: number } {
    const { footer } = this;
    const publishedRows = footer.groups.reduce((most, { rows }) => Math.max(most, rows), 0);
    return { publishedRows, publishedBytes: rowBytes(footer, largest ? 'largest' : 'average') };
  }

  /**
   * Begins the new file before it is known what becomes of all rows, where that is cheap: with the row groups that are likely to stay. A copy that turns
   * out to be of no use has cost some memory traffic, and no disk.
   * @param groups How many, from the first.
   */
  async beginEarly(groups: number): Promise<void> {
    const bytes = await Promise.all(this.#publication.segments.map(async (path) => (await stat(path)).size));
    const load = bytes.reduce((sum, size) => sum + size, 0);
    if (groups > 0 && this.footer.start < atOnce && load < this.footer.start * smallLoad) this.begin(groups);
  }

  /** The new file with those row groups at its start, when it has not been begun already. */
  begin(groups: number): Beginning {
    const { destination, signal } = this.#publication;
    this.#beginning ??= Beginning.of(this.footer, destination, signal, groups);
    return this.#beginning;
  }

  /** Ends a copy that is still under way. Never fails. */
  async giveUp(): Promise<void> {
    await this.#beginning?.giveUp();
  }
}

/** Bytes of the log as JSON, to those of the table. */
const smallLoad = 0.25;

/** Whether a column has another type than it is published with. Such as text that becomes JSON, which is stored in the same way and spelled in another. */
function isConverted({ previous, schema }: Publication): boolean {
  const published = new Map(previous?.columns.map(({ name, type }) => [name, sqlType(type)]));
  return schema.columns.some(({ name, type }) => published.get(name) !== sqlType(type));
}
