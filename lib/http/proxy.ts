// Which proxy a request goes through.
import { getProxyForUrl } from 'proxy-from-env';
import { OptionError } from '../core/index.js';

/** One proxy for all, a choice for each URL (`undefined`: none), or none at all. */
export type ProxyChoice = string | false | ((url: URL) => string | undefined);

/** The proxy's address; empty for none. @throws OptionError `ERR_INVALID_OPTION` for an address that is no URL. */
export function proxyFor(url: URL, choice?: ProxyChoice): string {
  if (choice === false) return '';
  if (choice === undefined) return isLoopback(url.hostname) ? '' : getProxyForUrl(url.href);
  const proxy = typeof choice === 'string' ? choice : (choice(url) ?? '');
  // Without the value: it may hold a password.
  if (proxy !== '' && !/^https?:\/\//.test(proxy))
    throw new OptionError('proxy', 'is not a URL such as http://proxy.example.com:8080');
  return proxy;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The user and password of a proxy, which nobody may see. */
export function proxySecrets(choice: ProxyChoice | undefined): string[] {
  const named = typeof choice === 'string' ? [choice] : choice === undefined ? fromEnvironment() : [];
  return named.flatMap((proxy) => {
    const password = URL.canParse(proxy) ? new URL(proxy).password : '';
    return password === '' ? [] : [password, decodeURIComponent(password)];
  });
}

function fromEnvironment(): string[] {
  return ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) =>
    [process.env[name], process.env[name.toUpperCase()]].filter((value) => value !== undefined),
  );
}
