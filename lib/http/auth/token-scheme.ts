// A scheme that sends a kept token in the header `Authorization`.
import type { AuthScheme } from './auth.js';
import type { TokenKeeper } from './token-keeper.js';

export interface TokenSchemeOptions {
  readonly type: string;
  readonly keeper: TokenKeeper;
  readonly secrets: readonly string[];
  /** The header that carries the token. @default 'authorization' */
  readonly header?: string;
  /** What stands before the token; nothing when empty. @default 'Bearer' */
  readonly prefix?: string;
}

export function tokenScheme(options: TokenSchemeOptions): AuthScheme {
  const { type, keeper, secrets, header = 'authorization', prefix = 'Bearer' } = options;
  const name = header.toLowerCase();
  const before = prefix === '' ? '' : `${prefix} `;
  return {
    type,
    secrets,
    apply: async (request, context) => {
      const token = await keeper.get(context);
      return { ...request, headers: { ...request.headers, [name]: before + token } };
    },
    rejected: (request) => {
      keeper.rejected((request.headers[name] ?? '').slice(before.length));
      return true;
    },
    forget: () => keeper.forget(),
  };
}
