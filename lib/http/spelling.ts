// How a secret may be written: raw, URL-encoded, escaped as in JSON or HTML, in base64.
import { toUSVString } from 'node:util';

/** A pattern for all secrets in all spellings. */
export function patternOf(secrets: readonly string[], flags: string): RegExp {
  const forms = secrets.flatMap((secret) => [anySpelling(secret), ...inBase64(secret).map(base64Pattern)]);
  return new RegExp(forms.join('|'), flags);
}

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** A pattern for a text whose every sign may be raw, URL-encoded (also twice), escaped as in JSON, or as in HTML. */
function anySpelling(secret: string): string {
  return [...toUSVString(secret)].map((sign) => (/[a-z0-9]/i.test(sign) ? sign : spellingsOf(sign))).join('');
}

function spellingsOf(sign: string): string {
  const encoded = [...Buffer.from(sign)].map((byte) => `%(?:25)*${byte.toString(16).padStart(2, '0')}`).join('');
  const units = [...sign.split('')]
    .map((unit) => `\\\\{1,4}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
  const inJson = JSON.stringify(sign).slice(1, -1);
  const raw = sign.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');
  const escaped = inJson.length === 2 ? [`\\\\{1,4}${inJson[1] === '\\' ? '' : inJson[1]}`] : [];
  const inHtml = [
    `&#0*${sign.codePointAt(0)};`,
    `&#x0*${sign.codePointAt(0)?.toString(16)};`,
    ...(entities[sign] ? [`&${entities[sign]};`] : []),
  ];
  const blank = sign === ' ' ? ['\\+'] : [];
  return `(?:\\\\{0,4}${raw}|${[encoded, units, ...escaped, ...inHtml, ...blank].join('|')})`;
}

/** The usual spellings, as texts. */
export function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(toUSVString(secret));
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, encoded, encoded.replaceAll('%20', '+'), inJson, ...inBase64(secret)])];
}

/** In base64 a text looks different for each of the three places where it can start in a group of bytes. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const bare = text.replace(/=+$/, '');
    // The first and the last group hold bits of the neighbours as well.
    const inner = bare.slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
    return inner.length < 6 ? [] : [inner];
  });
}

/** The signs that differ between the two alphabets of base64, also URL-encoded. */
function base64Pattern(text: string): string {
  return text.replaceAll('/', '(?:\\/|_|%(?:25)*2f)').replaceAll('+', '(?:\\+|-|%(?:25)*2b)');
}
