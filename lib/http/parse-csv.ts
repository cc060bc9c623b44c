// CSV bodies as lists of objects. The parsing is csv-parse's.
import { createRequire } from 'node:module';
import type { CsvError } from 'csv-parse/sync';
import type { Parsed } from './parsed.js';

/** Loaded with the first body that is CSV. */
const library = () => createRequire(import.meta.url)('csv-parse/sync') as typeof import('csv-parse/sync');

const delimiters = [',', ';', '\t', '|'];

/**
 * Each line becomes an object by the names of the first line. Values stay texts, as they were written; an empty one without
 * quotes is `null`. A name that comes again gets a number, so that each column keeps its values: `id`, `id_1`. The separator is the one of
 * comma, semicolon, tab and bar that the first line has most of.
 */
export function parseCsv(text: string): Parsed {
  const { CsvError, parse } = library();
  try {
    const value = parse(text, {
      columns: distinct,
      delimiter: delimiterOf(text),
      skipEmptyLines: true,
      cast: (cell, { header, quoting }) => (cell === '' && !quoting && !header ? null : cell),
    });
    return { ok: true, value };
  } catch (cause) {
    const cut = cause instanceof CsvError && (cause.code === 'CSV_QUOTE_NOT_CLOSED' || endsInside(text, cause));
    const code = cut ? 'ERR_HTTP_BODY_CUT' : 'ERR_HTTP_BODY_INVALID';
    const reason = cut ? 'the CSV body ends before its end' : `the body is not CSV: ${(cause as Error).message}`;
    return { ok: false, code, reason, cause };
  }
}

/** The names of the first line, each once. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const counts = new Map<string, number>();
  return names.map((name) => {
    let number = counts.get(name) ?? 0;
    const own = () => (number === 0 ? name : `${name}_${number}`);
    while (number > 0 && taken.has(own())) number += 1;
    counts.set(name, number + 1);
    taken.add(own());
    return own();
  });
}

/** Whether the last line is the one that is too short, and has no end. */
function endsInside(text: string, error: CsvError): boolean {
  return (
    error.code.startsWith('CSV_RECORD_INCONSISTENT') &&
    !/\n\s*$/.test(text) &&
    error['lines'] === text.split('\n').length
  );
}

/** The first line up to its end, with what stands in quotes. */
const firstLine = /^\s*((?:[^"\r\n]+|"[^"]*")*)/;

function delimiterOf(text: string): string {
  const first = (firstLine.exec(text)?.[1] ?? '').replace(/"[^"]*"/g, '');
  const counts = delimiters.map((each): [string, number] => [each, first.split(each).length]);
  return counts.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}
