// Reads a TOML text together with the places of its tables and keys.
import { parse, TomlDate, TomlError } from 'smol-toml';
import { Places } from './places.js';
import { SyntaxFault } from './syntax-fault.js';

/** @throws SyntaxFault for text that is not TOML */
export function readToml(text: string): { readonly value: unknown; readonly places: Places } {
  try {
    return { value: plain(parse(text)), places: findPlaces(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's message quotes the text; only its first line is about the reason.
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw new SyntaxFault(reason, error);
  }
}

/** Dates and times as their text: a configuration has no other use for them. */
function plain(value: unknown): unknown {
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

const header = /^(\s*)(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const assignment = /^(\s*)((?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*=/;

/** The text is known to be valid. What stands inside a value that takes several lines has the place of its key. */
function findPlaces(text: string): Places {
  const places = new Places(text);
  places.set([], 0);
  const lists = new Map<string, number>();
  let table: (string | number)[] = [];
  let offset = 0;
  let inside = '';
  for (const line of text.split('\n')) {
    if (inside === '') {
      const head = header.exec(line);
      const key = head ? null : assignment.exec(line);
      if (head) {
        table = resolve(names(head[3]!), lists, head[2] === '[[');
        places.set(table, offset + head[1]!.length);
      } else if (key) {
        const path = [...table, ...names(key[2]!)];
        for (let length = table.length + 1; length <= path.length; length += 1) {
          places.set(path.slice(0, length), offset + key[1]!.length);
        }
      }
      inside = opened(line);
    } else if (line.includes(inside)) inside = '';
    offset += line.length + 1;
  }
  return places;
}

/** The quotes of a text of several lines that a line opens and does not close. */
function opened(line: string): string {
  const quotes = /"""|'''/.exec(line)?.[0] ?? '';
  return quotes !== '' && line.split(quotes).length % 2 === 0 ? quotes : '';
}

function names(dotted: string): string[] {
  return [...dotted.matchAll(/[\w-]+|"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  );
}

/** A table's path, with the index of each list of tables in it. */
function resolve(parts: readonly string[], lists: Map<string, number>, isEntry: boolean): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [depth, part] of parts.entries()) {
    path.push(part);
    const key = JSON.stringify(path);
    if (isEntry && depth === parts.length - 1) lists.set(key, (lists.get(key) ?? -1) + 1);
    const index = lists.get(key);
    if (index !== undefined) path.push(index);
  }
  return path;
}
