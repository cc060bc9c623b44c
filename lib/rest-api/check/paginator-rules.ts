// What is wrong with a paginator or a path beyond the names and types of its options: lib/pages says so itself.
import { jsonPath, OptionError } from '../../core/index.js';
import { snakeCase } from '../compile/camel-case.js';
import { compilePaginator } from '../compile/paginator.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';
import { shown } from './found.js';
import { at, type Finding } from './from-zod.js';
import type { Path } from './problem.js';

export function paginatorFindings(paginator: PaginatorConfig | null | undefined, path: Path): Finding[] {
  if (!paginator) return [];
  if (paginator === 'offset') {
    const message = 'needs a limit: write { "type": "offset", "limit": 100 }';
    return [{ code: 'missing-key', path, found: '"offset"', allowed: 'an object with "type" and "limit"', message }];
  }
  try {
    compilePaginator(paginator);
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const place = typeof paginator === 'object' ? [...path, snakeCase(error.option)] : path;
    return [refused(at(paginator, place.slice(path.length)), place, error)];
  }
}

export function jsonPathFindings(value: unknown, path: Path): Finding[] {
  if (typeof value !== 'string') return [];
  try {
    jsonPath(value);
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return [refused(value, path, error)];
  }
}

/** The library's own words, with the names that the configuration has for its options. */
function refused(value: unknown, path: Path, error: OptionError): Finding {
  const message = snakeCase(error.message.slice(error.option.length + 2));
  return { code: 'wrong-value', path, found: shown(value, path), message };
}
