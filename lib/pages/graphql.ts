// Pages of a GraphQL connection.
import { type HttpResponse, jsonPath, markConfined } from '../core/index.js';
import { checkName, checkPath } from './check-options.js';
import { PaginationError } from './pagination-error.js';
import type { Paginator } from './paginator.js';
import { withBodyValue } from './set-request.js';
import { describeRequest } from './walk-key.js';

export interface GraphqlOptions {
  /** Where the connection stands in the body, as a JSONPath: `data.viewer.repositories`. */
  readonly connectionPath: string;
  /** The variable of the query that takes the cursor. @default "after" */
  readonly variable?: string;
}

/**
 * Walks a connection: `pageInfo.endCursor` goes into a variable of the query, as long as `pageInfo.hasNextPage` is true. The
 * request is a POST with `{ query, variables }` as its JSON body; the query asks for `pageInfo { hasNextPage endCursor }`.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example
 * pages(api, { url: '/graphql', method: 'POST', body: { kind: 'json', value: { query, variables: { first: 100 } } } },
 *   graphql({ connectionPath: 'data.viewer.repositories' }))
 */
export function graphql(options: GraphqlOptions): Paginator<string> {
  const { connectionPath, variable = 'after' } = options;
  checkName('connectionPath', connectionPath ?? '');
  checkPath('connectionPath', connectionPath);
  checkName('variable', variable);
  const path = jsonPath(connectionPath, 'connectionPath');
  return markConfined({
    name: 'graphql',
    initial: () => '',
    request: (base, state) => (state === '' ? base : withBodyValue(base, `variables.${variable}`, state)),
    next: (response) => {
      const connection = path.first(response.body) as
        | { pageInfo?: { hasNextPage?: unknown; endCursor?: unknown } }
        | undefined;
      const info = connection?.pageInfo;
      if (typeof info?.hasNextPage !== 'boolean')
        throw wrong(response, `there is no pageInfo with hasNextPage at "${connectionPath}"`);
      if (!info.hasNextPage) return null;
      if (typeof info.endCursor !== 'string' || info.endCursor === '')
        throw wrong(response, `pageInfo at "${connectionPath}" says that there is a next page, but has no endCursor`);
      return info.endCursor;
    },
  });
}

function wrong(response: HttpResponse, what: string): PaginationError {
  const errors = jsonPath('errors[*].message').all(response.body).slice(0, 3).map(String);
  const said = errors.length > 0 ? ` The API says: ${errors.join('; ').slice(0, 300)}.` : '';
  return new PaginationError(
    'ERR_PAGINATION_RESPONSE',
    `${describeRequest(response.request)}: ${what}.${said} Ask for pageInfo { hasNextPage endCursor } in the query, and check connectionPath.`,
  );
}
