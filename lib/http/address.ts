// Takes the address of a request apart. To parse each anew takes a while, and the requests of a walk differ only behind their origin.

export interface Address {
  /** One of the same origin. */
  readonly origin: URL;
  /** As it was written, also with a `?` that nothing follows; without what stands behind a `#`. */
  readonly path: string;
}

/** Whatever the platform might change in a path or a query: signs that it encodes, and segments of dots. */
const unsettled = /[^\w~!$&()*+,;=:@%/?.-]|\/\.|%2e/i;

export class Addresses {
  #last: { readonly text: string; readonly origin: URL } | undefined;

  /** @throws TypeError `ERR_INVALID_URL`; and for an address that holds a user or is for no web server, without showing it */
  of(url: string): Address {
    const last = this.#last;
    if (last !== undefined && url.startsWith(last.text) && url[last.text.length] === '/') {
      const path = url.slice(last.text.length);
      if (!unsettled.test(path)) return { origin: last.origin, path };
    }
    const parsed = new URL(url);
    refuse(parsed);
    this.#last = { text: parsed.origin, origin: parsed };
    return { origin: parsed, path: pathOf(parsed) };
  }
}

/** What the platform would send in a way that nobody means. */
function refuse({ protocol, username, password }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${protocol} is neither http: nor https:`);
  if (username !== '' || password !== '') throw new TypeError('the URL holds a user name or a password');
}

function pathOf({ href, origin }: URL): string {
  const hash = href.indexOf('#');
  return href.slice(origin.length, hash === -1 ? undefined : hash);
}
