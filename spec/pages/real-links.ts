// Responses of well-known APIs that link to the next page.
import { count, next, number, part, size } from './api-style.js';
import { type RealShape, search } from './real-shape.js';

/** A server whose pages are asked for by `at`, with a link that `body` puts where the API has it. */
const linked = (
  name: string,
  body: (link: string | undefined, at: number, origin: string) => unknown,
  more: Partial<RealShape> = {},
): RealShape => ({
  name,
  by: 'json_link',
  requests: 3,
  answer: ({ q, origin, path }) => {
    const at = number(q.get('at'));
    const after = next(at);
    return { body: body(after === undefined ? undefined : `${origin}${path}?at=${after}`, at, origin) };
  },
  ...more,
});
const relative = (link: string | undefined) => link?.replace(/^http:\/\/[^/]+/, '');

export const realLinks: readonly RealShape[] = [
  {
    name: 'Shopify, GitHub, Okta: the header Link',
    by: 'header_link',
    requests: 3,
    answer: ({ q, origin }) => {
      const after = next(number(q.get('page_info')));
      const headers = after === undefined ? undefined : { link: `<${origin}/a?page_info=${after}>; rel="next"` };
      return { body: { products: part(number(q.get('page_info'))) }, ...(headers && { headers }) };
    },
  },
  linked('Django REST: count, next and previous', (link, at) => ({
    count,
    next: link ?? null,
    previous: at ? 'x' : null,
    results: part(at),
  })),
  linked('JSON:API, Zendesk: links.next beside meta.has_more', (link, at) => ({
    data: part(at),
    meta: { has_more: link !== undefined, after_cursor: 'xyz' },
    links: { next: link ?? null, prev: null },
  })),
  linked('HAL: _links.next.href', (link, at) => ({
    _embedded: { things: part(at) },
    _links: { self: { href: '/a' }, ...(link && { next: { href: link } }) },
  })),
  linked('HAL: a list of links for each relation', (link, at) => ({
    _embedded: { things: part(at) },
    _links: { self: [{ href: '/a' }], ...(link && { next: [{ href: link }] }) },
  })),
  linked('PayPal: a list of links with rel', (link, at) => ({
    items: part(at),
    links: [{ rel: 'self', href: '/a' }, ...(link ? [{ rel: 'next', href: link, method: 'GET' }] : [])],
  })),
  linked('FHIR: a list of links with relation, before the records', (link, at) => ({
    resourceType: 'Bundle',
    total: count,
    link: [{ relation: 'self', url: '/a' }, ...(link ? [{ relation: 'next', url: link }] : [])],
    entry: part(at),
  })),
  linked('OData: @odata.nextLink and @odata.count', (link, at) => ({
    '@odata.count': count,
    value: part(at),
    ...(link && { '@odata.nextLink': link }),
  })),
  linked('OData version 2: d.__next', (link, at) => ({ d: { results: part(at), ...(link && { __next: link }) } })),
  linked('Azure: nextLink', (link, at) => ({ value: part(at), ...(link && { nextLink: link }) })),
  linked('Salesforce: nextRecordsUrl and done', (link, at) => ({
    totalSize: count,
    done: link === undefined,
    ...(link && { nextRecordsUrl: relative(link) }),
    records: part(at),
  })),
  linked('Discourse: more_topics_url', (link, at) => ({
    topic_list: { per_page: size, topics: part(at), ...(link && { more_topics_url: relative(link) }) },
  })),
  linked('Asana: next_page with offset, path and uri', (link, at) => ({
    data: part(at),
    next_page: link ? { offset: 'eyJ0', path: relative(link), uri: link } : null,
  })),
  linked('Laravel: next_page_url beside a list of buttons', (link, at) => ({
    current_page: at / size + 1,
    data: part(at),
    last_page: 3,
    links: [{ url: null, label: 'Previous', active: false }],
    next_page_url: link ?? null,
    per_page: size,
    total: count,
  })),
  linked('Facebook: paging.next beside cursors', (link, at) => ({
    data: part(at),
    paging: { cursors: { before: 'a', after: 'b' }, ...(link && { next: link }) },
  })),
  linked('Bitbucket: size is the total', (link, at) => ({
    pagelen: size,
    size: count,
    values: part(at),
    ...(link && { next: link }),
  })),
  {
    name: 'Confluence: _links.next below _links.base',
    init: '/wiki/rest/a',
    by: 'json_link',
    requests: 3,
    answer: ({ q, origin, path }) => {
      if (path !== '/wiki/rest/a') return { status: 404, body: {} };
      const at = number(q.get('start'));
      const after = next(at);
      const links = after === undefined ? {} : { next: `/rest/a?start=${after}` };
      return {
        body: {
          results: part(at),
          start: at,
          limit: size,
          size: part(at).length,
          _links: { base: `${origin}/wiki`, ...links },
        },
      };
    },
  },
  linked(
    'a POST whose link is only the parameters',
    (link, at) => ({ rows: part(at), next: link ? relative(link)?.slice(2) : '' }),
    {
      init: search({ filter: 'x' }),
    },
  ),
  {
    name: 'headers that call it the only page, and a link to the next',
    by: 'json_link',
    requests: 3,
    answer: ({ q, origin }) => {
      const at = number(q.get('at'));
      const link = next(at) === undefined ? null : `${origin}/a?at=${next(at)}`;
      return { headers: { 'x-page': '1', 'x-total-pages': '1' }, body: { data: part(at), next: link } };
    },
  },
];
