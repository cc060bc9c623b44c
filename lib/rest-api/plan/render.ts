// Fills templates: text by text, and through the whole depth of a JSON value.
import { pythonFormat } from './python-format.js';
import { pythonRepr, pythonText } from './python-text.js';
import { type Part, parseTemplate } from './template.js';

/** Gives the value of a placeholder's field. */
export type Lookup = (field: string) => unknown;

/** The template with its placeholders filled as Python would write them. */
export function renderText(template: string, lookup: Lookup): string {
  return parseTemplate(template)
    .map((part) => (part.kind === 'text' ? part.text : written(part, lookup(part.field))))
    .join('');
}

/** A JSON value with all its texts filled, names too. A text that is exactly one placeholder becomes the value, of whatever type. */
export function renderValue(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') {
    const parts = parseTemplate(value);
    const [only] = parts;
    return parts.length === 1 && isBare(only) ? lookup(only.field) : renderText(value, lookup);
  }
  if (Array.isArray(value)) return value.map((item) => renderValue(item, lookup));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [renderText(key, lookup), renderValue(item, lookup)]),
  );
}

type FieldPart = Extract<Part, { readonly kind: 'field' }>;

/** The value of a placeholder as text, converted and formatted as the placeholder says. */
export function written({ conversion, spec }: FieldPart, value: unknown): string {
  if (conversion === 'r' || conversion === 'a') return pythonFormat(pythonRepr(value), spec);
  return conversion === 's' ? pythonFormat(pythonText(value), spec) : pythonFormat(value, spec);
}

function isBare(part: Part | undefined): part is FieldPart {
  return part?.kind === 'field' && part.conversion === '' && part.spec === '';
}
