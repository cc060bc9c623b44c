// Makes the value of a body from its text, and tells a body that was cut short from one that is something else.
import { OptionError } from '../core/index.js';
import { parseCsv } from './parse-csv.js';
import { mayHoldLongNumber, parseLossless } from './parse-json.js';
import type { Parsed } from './parsed.js';

/** What bodies are made of; `auto`: what the content type says, or else what the text looks like. */
export type BodyFormat = 'auto' | 'json' | 'jsonl' | 'csv' | 'text';

const formats: readonly BodyFormat[] = ['auto', 'json', 'jsonl', 'csv', 'text'];

/** @throws OptionError `ERR_INVALID_OPTION` */
export function checkFormat(format: BodyFormat = 'auto'): BodyFormat {
  if (!formats.includes(format)) throw new OptionError('format', `is ${format}; it is one of ${formats.join(', ')}`);
  return format;
}

/**
 * Parses a body. An empty one is `undefined`, whatever its type. JSON lines and CSV become a list: of their values, or of objects by the
 * names of the first line.
 */
export function parseBody(text: string, contentType: string, format: BodyFormat = 'auto'): Parsed {
  if (text.trim() === '') return { ok: true, value: undefined };
  switch (format === 'auto' ? formatOf(contentType) : format) {
    case 'text':
      return { ok: true, value: text };
    case 'jsonl':
      return parseLines(text, contentType);
    case 'csv':
      return parseCsv(text);
    default: {
      const parsed = parseOne(text, contentType);
      return !parsed.ok && format === 'auto' && startsWithLines(text) ? parseLines(text, contentType) : parsed;
    }
  }
}

/** Whether a body is taken for one value of JSON. */
export function isJsonFormat(contentType: string, format: BodyFormat): boolean {
  return format === 'json' || (format === 'auto' && formatOf(contentType) === 'json');
}

function formatOf(contentType: string): BodyFormat {
  const type = contentType.split(';', 1)[0]?.toLowerCase() ?? '';
  if (/ndjson|jsonl|json-?lines|json-?stream|json-seq/.test(type)) return 'jsonl';
  return /\/(csv|tab-separated-values)/.test(type) ? 'csv' : 'json';
}

function parseOne(text: string, contentType: string): Parsed {
  try {
    if (mayHoldLongNumber(text)) return { ok: true, value: parseLossless(text) };
    return { ok: true, value: JSON.parse(text), plain: true };
  } catch (cause) {
    if (isCutJson(text)) {
      return { ok: false, code: 'ERR_HTTP_BODY_CUT', reason: 'the JSON body ends before its end', cause };
    }
    const reason = `the body is not JSON but ${looksLike(text, contentType)}`;
    return { ok: false, code: 'ERR_HTTP_BODY_INVALID', reason, cause };
  }
}

/** Many servers call JSON lines JSON: the first line is a whole object, and more follow. */
function startsWithLines(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split(/\r?\n/, 2);
  return /^\{.*\}\s*$/.test(first) && second.trimStart().startsWith('{') && parseOne(first, '').ok;
}

function parseLines(text: string, contentType: string): Parsed {
  const values: unknown[] = [];
  // A record separator stands before each value of application/json-seq.
  const lines = text.split('\n').map((line) => line.replace('\u001e', '').trim());
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const parsed = parseOne(line, contentType);
    if (!parsed.ok) return { ...parsed, reason: `${parsed.reason}, in line ${index + 1}` };
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}

/** Whether a text starts as JSON and ends inside a string, an object or a list. */
function isCutJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) depth += 1;
    else if (code === 93 || code === 125) depth -= 1;
    if (depth < 0) return false;
  }
  return inString || depth > 0;
}

function looksLike(text: string, contentType: string): string {
  const start = text.trimStart();
  if (/^<(!doctype html|html|head|body)/i.test(start)) return 'an HTML page';
  if (start.startsWith('<')) return 'XML or HTML';
  if (/^[[{]/.test(start)) return 'JSON with a mistake in it';
  return contentType === '' ? 'text' : `text of the type ${contentType.split(';', 1)[0]}`;
}
