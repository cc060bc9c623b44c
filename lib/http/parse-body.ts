// Makes the value of a body from its text, and tells a body that was cut short from one that is something else.
import type { RequestErrorCode } from '../core/index.js';
import { parseJson } from './parse-json.js';

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: RequestErrorCode; readonly reason: string; readonly cause: unknown };

/** Parses a body as JSON, whatever its content type says; an empty one is `undefined`. */
export function parseBody(text: string, contentType: string): Parsed {
  if (text.trim() === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: parseJson(text) };
  } catch (cause) {
    if (isCutJson(text)) {
      return { ok: false, code: 'ERR_HTTP_BODY_CUT', reason: 'the JSON body ends before its end', cause };
    }
    return {
      ok: false,
      code: 'ERR_HTTP_BODY_INVALID',
      reason: `the body is not JSON but ${looksLike(text, contentType)}`,
      cause,
    };
  }
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
