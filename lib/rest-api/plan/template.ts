// The grammar of Python's `str.format`, which dlt's configurations are written in: `{field!conversion:spec}`, `{{`, `}}`.

/** A part of a template: text, or a placeholder. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: string; readonly conversion: string; readonly spec: string };

/** A template that cannot be read; the message says why. */
export class TemplateFault extends Error {}

/** @throws TemplateFault when a brace has no partner */
export function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  let at = 0;
  while (at < template.length) {
    const char = template[at]!;
    if ((char === '{' || char === '}') && template[at + 1] === char) {
      text += char;
      at += 2;
    } else if (char === '{') {
      const end = closing(template, at);
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      parts.push(field(template.slice(at + 1, end)));
      at = end + 1;
    } else if (char === '}') {
      throw new TemplateFault(`has a "}" without its "{" at character ${at + 1}; write "}}" for the brace itself`);
    } else {
      text += char;
      at += 1;
    }
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

function closing(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at += 1) {
    if (template[at] === '{') depth += 1;
    else if (template[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new TemplateFault(`has a "{" without its "}" at character ${open + 1}; write "{{" for the brace itself`);
}

/** Splits at the first `!` or `:` that is not inside brackets, as Python does. */
function field(inside: string): Part {
  let brackets = 0;
  for (let at = 0; at < inside.length; at += 1) {
    const char = inside[at];
    if (char === '[') brackets += 1;
    else if (char === ']') brackets -= 1;
    else if (brackets <= 0 && char === ':') {
      return { kind: 'field', field: inside.slice(0, at), conversion: '', spec: inside.slice(at + 1) };
    } else if (brackets <= 0 && char === '!') {
      const rest = inside.slice(at + 1);
      const colon = rest.indexOf(':');
      return {
        kind: 'field',
        field: inside.slice(0, at),
        conversion: colon === -1 ? rest : rest.slice(0, colon),
        spec: colon === -1 ? '' : rest.slice(colon + 1),
      };
    }
  }
  return { kind: 'field', field: inside, conversion: '', spec: '' };
}
