// The engine in JavaScript alone, for platforms where DuckDB's binary does not load.
import type { Engine, Publication, Published } from './engine.js';

/**
 * Publishes Parquet with `parquetjs-lite`: the same rows and counts as DuckDB, more slowly (docs/formats.md has the figures and the
 * limits). A merge, and a `replace` with a key, hold the rows of the log in memory; all else holds one row group.
 *
 * `publish` rejects with TableError `ERR_TABLE_TYPE` for a format or a compression that it does not know, `ERR_TABLE_VALUE` for a
 * value that its column cannot hold exactly, `ERR_TABLE_WRITE` when a file cannot be read or written, and with AbortedError.
 */
export class ParquetjsEngine implements Engine {
  readonly name = 'parquetjs';

  async publish(publication: Publication): Promise<Published> {
    // Loaded when it is needed: most programs never do.
    const { publish } = await import('./parquetjs-publish.js');
    return publish(publication);
  }
}
