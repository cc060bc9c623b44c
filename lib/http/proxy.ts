// Which proxy a request goes through.
import { getProxyForUrl } from 'proxy-from-env';
import { OptionError } from '../core/index.js';

/** One proxy for all, a choice for each URL (`undefined`: none), or none at all. */
export type ProxyChoice = string | false | ((url: URL) => string | undefined);

/** The proxy's address; empty for none. @throws OptionError `ERR_INVALID_OPTION` for an address that is none of a proxy over http. */
export function proxyFor(url: URL, choice?: ProxyChoice): string {
  if (choice === false) return '';
  if (choice === undefined) return isLoopback(url.hostname) ? '' : checked(ofEnvironment(url), 'of the environment ');
  return checked(typeof choice === 'string' ? choice : (choice(url) ?? ''));
}

/** Without the value in an error: it may hold a password. */
function checked(proxy: string, origin = ''): string {
  const isHttp = proxy === '' || (/^https?:\/\//i.test(proxy) && URL.canParse(proxy));
  if (!isHttp) throw new OptionError('proxy', `${origin}is not a URL such as http://proxy.example.com:8080`);
  if (proxy.includes('@') && passwordOf(proxy) === undefined)
    throw new OptionError('proxy', `${origin}has a user or a password with a % that encodes nothing; write it as %25`);
  return proxy;
}

/** One that is given without a protocol, `proxy.example.com:8080`, speaks http, whatever it is for. */
function ofEnvironment(url: URL): string {
  const proxy = getProxyForUrl(url.href);
  // The library makes it https for what is https.
  const bare = proxy.startsWith('https://') ? proxy.slice('https://'.length) : '';
  return bare !== '' && fromEnvironment().includes(bare) ? `http://${bare}` : proxy;
}

/** Decoded; `undefined` when the user or the password cannot be. */
function passwordOf(proxy: string): string | undefined {
  const { username, password } = new URL(proxy);
  try {
    decodeURIComponent(username);
    return decodeURIComponent(password);
  } catch {
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The password of a proxy, which nobody may see. */
export function proxySecrets(choice: ProxyChoice | undefined): string[] {
  const named = typeof choice === 'string' ? [choice] : choice === undefined ? fromEnvironment() : [];
  return named.flatMap((each) => {
    const proxy = each.includes('://') ? each : `http://${each}`;
    const password = URL.canParse(proxy) ? new URL(proxy).password : '';
    return password === '' ? [] : [password, passwordOf(proxy) ?? password];
  });
}

function fromEnvironment(): string[] {
  return ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) =>
    [process.env[name], process.env[name.toUpperCase()]].filter((value) => value !== undefined),
  );
}
