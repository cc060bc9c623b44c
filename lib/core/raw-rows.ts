// The records of a page as lines of JSON cut out of the body itself: what nobody has changed need not be written again.
import { isUtf8 } from 'node:buffer';
import { jsonPath } from './json-path.js';
import type { RawLines, RawRows } from './raw-body.js';
import type { RowScanner } from './row-scanner.js';

/** From one byte to before another. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** What stands between two members, and between a name and its value. */
interface Spelling {
  readonly comma: string;
  readonly colon: string;
}

/** As most servers write JSON, and as Python does. Bodies of any other form are not cut. */
const spellings: readonly Spelling[] = [
  { comma: ',', colon: ':' },
  { comma: ', ', colon: ': ' },
];

/**
 * Cuts the records out of their body; `undefined` where that cannot be done for sure, which is no error: the body is written in
 * another form, its records begin with different keys, or what tells two records apart occurs inside them as well. The lines share
 * the memory of the body, which is then no longer what the server sent.
 *
 * The body must start with what stands before the list, and end with what stands after it, and between two records there must be
 * as many borders as there are: then each line is one record, or it is no JSON at all, which whoever reads it notices.
 *
 * @param scanner Takes the list for one when its records may be written as they stand there. @default they may
 */
export function rawLines(
  { bytes, value, path }: RawRows,
  rows: readonly unknown[],
  scanner?: RowScanner,
): RawLines | undefined {
  const names = jsonPath(path).names;
  const first = firstKey(rows[0]);
  // A key that is a number is the first of a row wherever it stands in the text.
  if (names === undefined || first === undefined || /^\d/.test(first)) return undefined;
  if (!rows.every((row) => firstKey(row) === first)) return undefined;
  const body = asBuffer(bytes);
  const end = trimmedEnd(body);
  if (rows.length === 0 || end === 0) return undefined;
  for (const spelling of spellings) {
    const around = surroundings(value, names, spelling);
    if (around === undefined) return undefined;
    const [before, after] = around.map((text) => Buffer.from(text)) as [Buffer, Buffer];
    if (!startsWith(body, before) || !endsWith(body, after, end)) continue;
    const range = { start: before.length, end: end - after.length };
    const records = body.subarray(range.start, range.end);
    if (!isPlain(records)) return undefined;
    const border = borderOf(first, spelling);
    // One search for all borders, with a sign for each byte: to look for one after the other in the bytes takes three times as long.
    const lines = records.toString('latin1').split(border);
    if (lines.length !== rows.length) return undefined;
    // Of a list that stands in the body twice the second counts. With so many borders the first is empty or one record: then its end is here.
    if (names.length > 0 && lines[0]!.includes(bytewise(`${JSON.stringify(names.at(-1))}:`))) return undefined;
    if (scanner !== undefined && scanner.scan(body, range.start - 1)?.count !== rows.length) return undefined;
    return cut(body, range, lines, border.length);
  }
  return undefined;
}

/** The first key of a record. */
function firstKey(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  for (const key in row) return key;
  return undefined;
}

function borderOf(first: string, { comma, colon }: Spelling): string {
  return bytewise(`}${comma}{${JSON.stringify(first)}${colon}`);
}

/** A text with a sign for each byte of its UTF-8. */
function bytewise(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What the text of a value has before the list at `names`, and after it. */
function surroundings(value: unknown, names: readonly string[], spelling: Spelling): [string, string] | undefined {
  const [name, ...rest] = names;
  if (name === undefined) return Array.isArray(value) ? ['[', ']'] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(members);
  const at = keys.indexOf(name);
  const inner = surroundings(members[name], rest, spelling);
  if (at < 0 || inner === undefined) return undefined;
  const member = (key: string) => `${JSON.stringify(key)}${spelling.colon}${write(members[key], spelling)}`;
  const before = keys.slice(0, at).map((key) => `${member(key)}${spelling.comma}`);
  const after = keys.slice(at + 1).map((key) => `${spelling.comma}${member(key)}`);
  return [`{${before.join('')}${JSON.stringify(name)}${spelling.colon}${inner[0]}`, `${inner[1]}${after.join('')}}`];
}

function write(value: unknown, spelling: Spelling): string {
  const { comma, colon } = spelling;
  if (comma === ',' || typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, spelling)).join(comma)}]`;
  const members = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}${colon}${write(inner, spelling)}`,
  );
  return `{${members.join(comma)}}`;
}

/** Whether the text can stand in lines: one line as it is, and without what UTF-8 or the engine refuses. */
function isPlain(records: Buffer): boolean {
  if (records.includes(0x0a) || records.includes(0x0d) || !isUtf8(records)) return false;
  // Half of a pair of surrogates, or what looks like it.
  return !records.includes(unicodeEscape) || !surrogateEscapes.some((half) => records.includes(half));
}

const unicodeEscape = Buffer.from('\\u');
const surrogateEscapes = [Buffer.from('\\ud'), Buffer.from('\\uD')];

/** Makes lines of the records where they stand: a comma between two of them becomes a line feed, and so does the bracket behind the last. */
function cut(body: Buffer, { start, end }: Range, lines: readonly string[], border: number): RawLines {
  let longestLine = 0;
  let line = start;
  let at = start;
  for (let index = 0; index < lines.length - 1; index += 1) {
    // Behind the brace that the border begins with.
    const comma = at + lines[index]!.length + 1;
    body[comma] = lineFeed;
    longestLine = Math.max(longestLine, comma - line);
    line = comma + 1;
    at = comma - 1 + border;
  }
  body[end] = lineFeed;
  return { chunk: body.subarray(start, end + 1), longestLine: Math.max(longestLine, end - line) };
}

const lineFeed = 0x0a;

function trimmedEnd(body: Buffer): number {
  let end = body.length;
  while (end > 0 && body[end - 1]! <= 0x20) end -= 1;
  return end;
}

function startsWith(body: Buffer, text: Buffer): boolean {
  return body.length >= text.length && body.compare(text, 0, text.length, 0, text.length) === 0;
}

function endsWith(body: Buffer, text: Buffer, end: number): boolean {
  return end >= text.length && body.compare(text, 0, text.length, end - text.length, end) === 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
