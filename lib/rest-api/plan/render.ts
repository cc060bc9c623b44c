// Fills templates: text by text, and through the whole depth of a JSON value.
import { type Part, parseTemplate } from './template.js';

/** Gives the value of a placeholder's field. */
export type Lookup = (field: string) => unknown;

/** The template with its placeholders filled as text. */
export function renderText(template: string, lookup: Lookup): string {
  return parseTemplate(template)
    .map((part) => (part.kind === 'text' ? part.text : String(lookup(part.field))))
    .join('');
}

/** A JSON value with all its texts filled. A text that is exactly one placeholder becomes the value itself, of whatever type. */
export function renderValue(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') {
    const parts = parseTemplate(value);
    const [only] = parts;
    return parts.length === 1 && isBare(only) ? lookup(only.field) : renderText(value, lookup);
  }
  if (Array.isArray(value)) return value.map((item) => renderValue(item, lookup));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderValue(item, lookup)]));
}

function isBare(part: Part | undefined): part is Extract<Part, { kind: 'field' }> {
  return part?.kind === 'field' && part.conversion === '' && part.spec === '';
}
