// Refresh tokens that a server has rotated, kept from run to run beside the state of the tables.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { inTurn, markConfined } from '../../core/index.js';
import { type RefreshTokenOptions, type StoredToken, type TokenStore, tokenFile } from '../../http/index.js';

/**
 * Those of one source. Each is in a file of its own below `<out>/.sluice/state/tokens`, for its owner alone, under a name that stands for the
 * token that is configured: with another one there, it begins afresh. Until a run says where its tables are, they are kept in memory.
 */
export class KeptTokens {
  #folder: string | undefined;
  readonly #unwritten = new Map<string, StoredToken>();

  /** @param out the folder of the tables, where it is known already */
  constructor(out?: string) {
    if (out !== undefined) this.#folder = folderIn(out);
  }

  /** From now on they are kept beside the tables in `out`; also those that came before. */
  async keepBeside(out: string): Promise<void> {
    this.#folder = folderIn(out);
    for (const [name, token] of this.#unwritten) {
      await this.#file(name)!.save(token);
      this.#unwritten.delete(name);
    }
  }

  /** Where the token that descends from a configured one is kept. */
  storeFor({ tokenUrl, clientId, refreshToken }: RefreshTokenOptions): TokenStore {
    const text = JSON.stringify([tokenUrl, clientId, refreshToken]);
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    return markConfined({
      load: () => this.#unwritten.get(name) ?? this.#file(name)?.load(),
      save: async (token) => {
        const file = this.#file(name);
        if (file === undefined) this.#unwritten.set(name, token);
        else await file.save(token);
      },
      exclusive: (work) => inTurn(name, work),
    });
  }

  #file(name: string): TokenStore | undefined {
    return this.#folder === undefined ? undefined : tokenFile(join(this.#folder, `${name}.json`));
  }
}

function folderIn(out: string): string {
  return join(out, '.sluice', 'state', 'tokens');
}
