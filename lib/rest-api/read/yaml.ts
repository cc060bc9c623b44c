// Reads a YAML text together with the places of its keys.
import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Path } from '../check/problem.js';
import { lineAndColumn, Places } from './places.js';
import { SyntaxFault } from './syntax-fault.js';

/** @throws SyntaxFault for text that is not YAML, and for a key that a mapping has twice */
export function readYaml(text: string): { readonly value: unknown; readonly places: Places } {
  const document = parseDocument(text, { merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw new SyntaxFault(error.message.toLowerCase(), lineAndColumn(text, error.pos[0]));
  const places = new Places(text);
  places.set([], 0);
  note(document.contents, []);
  return { value: plainOf(document), places };

  function note(node: unknown, path: Path): void {
    if (isAlias(node)) return;
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const inner = [...path, isScalar(key) ? String(key.value) : String(key)];
        if (isScalar(key) && key.range) places.set(inner, key.range[0]);
        note(value, inner);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const range = (item as { readonly range?: readonly number[] }).range;
        if (range?.[0] !== undefined) places.set([...path, index], range[0]);
        note(item, [...path, index]);
      }
    }
  }
}

/** @throws SyntaxFault for an alias of nothing, and for aliases of aliases that come to far too much */
function plainOf(document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new SyntaxFault(`its aliases cannot be followed: ${error.message.toLowerCase()}`, { line: 1, column: 1 });
  }
}
