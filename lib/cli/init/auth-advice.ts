// What to do when an API wants credentials: read from its refusal, written as the command to run next.
import type { RequestError } from '../../core/index.js';
import { shellQuote } from '../shell-quote.js';

/** `undefined` when the failure is not about credentials. */
export function authAdvice(error: RequestError, address: string, hasAuth: boolean): string | undefined {
  if (error.status !== 401 && error.status !== 403) return undefined;
  const said = error.headers?.['www-authenticate'] ?? '';
  const refusal = `The API answered ${error.status}${said === '' ? '' : ` (${said.slice(0, 120)})`}: `;
  if (hasAuth) return `${refusal}it does not take these credentials, or they may not read this.`;
  const text = `${said} ${error.bodyStart ?? ''}`;
  const ways: [string, string, string][] = [
    ['bearer', 'a token', shellQuote(['sluice', 'init', address, '--auth', 'bearer']).replace(/^/, 'TOKEN=… ')],
    [
      'key',
      'a key in a parameter',
      `API_KEY=… ${shellQuote(['sluice', 'init', address, '--key-name', keyName(text) ?? 'api_key', '--key-in', 'query'])}`,
    ],
    [
      'header',
      'a key in a header',
      `API_KEY=… ${shellQuote(['sluice', 'init', address, '--key-name', headerName(text) ?? 'X-API-Key'])}`,
    ],
    [
      'basic',
      'user name and password',
      `USERNAME=… PASSWORD=… ${shellQuote(['sluice', 'init', address, '--auth', 'http_basic'])}`,
    ],
  ];
  const likely = likelyWay(said, text);
  const sorted = [...ways.filter(([kind]) => kind === likely), ...ways.filter(([kind]) => kind !== likely)];
  const shown = likely === undefined ? sorted : sorted.slice(0, 1);
  const lines = shown.map(([, what, command]) => `  ${command}   # ${what}`);
  return `${refusal}it wants credentials. They are looked up as a configuration's secrets are, never written:\n${lines.join('\n')}`;
}

function likelyWay(said: string, text: string): string | undefined {
  if (/^\s*basic\b/i.test(said)) return 'basic';
  if (/^\s*bearer\b/i.test(said)) return 'bearer';
  if (headerName(text) !== undefined) return 'header';
  if (keyName(text) !== undefined) return 'key';
  return /bearer/i.test(text) ? 'bearer' : undefined;
}

function headerName(text: string): string | undefined {
  return /\b(x-[a-z-]*(?:key|token|auth)[a-z-]*)\b/i.exec(text)?.[1];
}

function keyName(text: string): string | undefined {
  return /\b(api[_-]?key|apikey|access_token|auth_token|appid|app_id)\b/i.exec(text)?.[1];
}
